/* Asks a gate for an extraction, waits until it is admitted, and writes its rows to a file.
 *
 *   extract GATE-URL GATE-CERTIFICATE TOKEN PROJECT SOURCE KIND SQL OUTPUT
 *
 * The PIN is read from standard input, one line each time. The receipt goes to OUTPUT.receipt. Exit code:
 * that of libsceau (0 is success).
 *
 * Build:  cc -std=c11 extract.c $(pkg-config --cflags --libs sceau)
 */
#include <sceau/sceau.h>
#include <stdio.h>
#include <string.h>

static int ask_pin(void* user, const char* token, const char* purpose, int tries_left, char* pin,
                   size_t size) {
  (void)user;
  fprintf(stderr, "PIN of %s, to %s", token, purpose);
  if (tries_left >= 0) fprintf(stderr, " (%d tries left)", tries_left);
  fprintf(stderr, ": ");
  if (fgets(pin, (int)size, stdin) == NULL) return -1;
  pin[strcspn(pin, "\n")] = '\0';
  return 0;
}

static int write_piece(void* user, const uint8_t* bytes, size_t size) {
  return fwrite(bytes, 1, size, (FILE*)user) == size ? 0 : -1;
}

static int say(const sceau_t* context, const char* doing, int code) {
  if (code != SCEAU_OK) fprintf(stderr, "%s: %s (%s)\n", doing, sceau_message(context), sceau_strerr(code));
  return code;
}

static int show_tokens(sceau_t* context) {
  sceau_token_list_t* list = NULL;
  int code = sceau_token_list(context, &list);
  for (size_t i = 0; i < sceau_token_list_size(list); ++i)
    printf("token %s in %s, of %s\n", sceau_token_list_serial(list, i), sceau_token_list_reader(list, i),
           sceau_token_list_person(list, i));
  sceau_token_list_free(&list);
  return say(context, "listing tokens", code);
}

/* Signs the request and sends it; the act holds the receipt afterwards. */
static int ask(sceau_t* context, sceau_gate_t* gate, sceau_token_t* token, char** argument,
               sceau_act_t** act) {
  sceau_request_t* request = NULL;
  int code = sceau_request_new(context, &request);
  if (code == SCEAU_OK) code = sceau_request_set_project(request, argument[4]);
  if (code == SCEAU_OK) code = sceau_request_set_purpose(request, "libsceau's example");
  if (code == SCEAU_OK) code = sceau_request_set_source(request, argument[5]);
  if (code == SCEAU_OK) code = sceau_request_set_kind(request, argument[6]);
  if (code == SCEAU_OK) code = sceau_request_set_max_rows(request, 100000);
  if (code == SCEAU_OK) code = sceau_request_add_sql(request, argument[7]);
  if (code == SCEAU_OK) code = sceau_request_sign(request, gate, token, act);
  if (code == SCEAU_OK) code = sceau_act_submit(*act, gate);
  sceau_request_free(&request);
  return say(context, "asking", code);
}

static int keep_receipt(const sceau_act_t* act, const char* output) {
  char name[1024];
  size_t size = 0;
  const uint8_t* receipt = sceau_act_receipt(act, &size);
  snprintf(name, sizeof name, "%s.receipt", output);
  FILE* file = fopen(name, "wb");
  if (file == NULL) return SCEAU_ERR_UNAVAILABLE;
  const int whole = fwrite(receipt, 1, size, file) == size;
  return fclose(file) == 0 && whole ? SCEAU_OK : SCEAU_ERR_UNAVAILABLE;
}

/* Waits for approvers, then fetches. What is in the file may be used only when this returns SCEAU_OK. */
static int fetch(sceau_t* context, sceau_gate_t* gate, const sceau_act_t* act, const char* output) {
  char state[16] = "pending";
  int code = SCEAU_OK;
  while (code == SCEAU_OK && strcmp(state, "pending") == 0)
    code = sceau_gate_request_state(gate, sceau_act_digest(act), 30, state, sizeof state);
  if (code != SCEAU_OK) return say(context, "waiting", code);
  FILE* file = fopen(output, "wb");
  if (file == NULL) return SCEAU_ERR_UNAVAILABLE;
  code = sceau_gate_rows(gate, sceau_act_digest(act), write_piece, file);
  if (fclose(file) != 0 && code == SCEAU_OK) code = SCEAU_ERR_UNAVAILABLE;
  if (code != SCEAU_OK) remove(output);
  return say(context, "fetching rows", code);
}

int main(int count, char** argument) {
  if (count != 9) {
    fprintf(stderr, "usage: extract GATE-URL GATE-CERTIFICATE TOKEN PROJECT SOURCE KIND SQL OUTPUT\n");
    return SCEAU_ERR_ARGUMENT;
  }
  sceau_t* context = NULL;
  sceau_token_t* token = NULL;
  sceau_gate_t* gate = NULL;
  sceau_act_t* act = NULL;
  int code = sceau_new(&context);
  if (code == SCEAU_OK) code = sceau_set_pin_callback(context, ask_pin, NULL);
  if (code == SCEAU_OK) code = show_tokens(context);
  if (code == SCEAU_OK)
    code = say(context, "opening the token", sceau_token_open(context, argument[3], &token));
  if (code == SCEAU_OK)
    code = say(context, "connecting", sceau_gate_open(context, argument[1], argument[2], &gate));
  if (code == SCEAU_OK) code = say(context, "logging in", sceau_gate_login(gate, token));
  if (code == SCEAU_OK) code = ask(context, gate, token, argument, &act);
  if (code == SCEAU_OK) {
    printf("request %s of %s is %s\n", sceau_act_digest(act), sceau_gate_person(gate), sceau_act_state(act));
    fflush(stdout);
    code = keep_receipt(act, argument[8]);
  }
  if (code == SCEAU_OK) code = fetch(context, gate, act, argument[8]);
  sceau_act_free(&act);
  sceau_gate_close(&gate);
  sceau_token_close(&token);
  sceau_free(&context);
  return code;
}
