// A plugin for QEMU: between two addresses executed, a hash of every address executed and every address of
// memory touched, in their order; one line each in a file. Arguments: begin=ADDRESS, end=ADDRESS, out=FILE.
//
// Debian's QEMU runs plugins and ships no header for them: what is used of the interface (version 1 of
// docs/devel/tcg-plugins of QEMU 7.2) is declared here.
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

extern "C" {
struct qemu_plugin_tb;
struct qemu_plugin_insn;
using PluginId = std::uint64_t;
using TranslationCallback = void (*)(PluginId, qemu_plugin_tb*);
using ExecutionCallback = void (*)(unsigned, void*);
using MemoryCallback = void (*)(unsigned, std::uint32_t, std::uint64_t, void*);
void qemu_plugin_register_vcpu_tb_trans_cb(PluginId, TranslationCallback);
std::size_t qemu_plugin_tb_n_insns(const qemu_plugin_tb*);
qemu_plugin_insn* qemu_plugin_tb_get_insn(const qemu_plugin_tb*, std::size_t);
std::uint64_t qemu_plugin_insn_vaddr(const qemu_plugin_insn*);
void qemu_plugin_register_vcpu_insn_exec_cb(qemu_plugin_insn*, ExecutionCallback, int flags, void*);
void qemu_plugin_register_vcpu_mem_cb(qemu_plugin_insn*, MemoryCallback, int flags, int accesses, void*);

__attribute__((visibility("default"))) extern int qemu_plugin_version;
int qemu_plugin_version = 1;
__attribute__((visibility("default"))) int qemu_plugin_install(PluginId id, const void* information,
                                                               int count, char** arguments);
}

namespace {

std::uint64_t begin_at = 0;
std::uint64_t end_at = 0;
std::FILE* out = nullptr;
bool watching = false;
std::uint64_t state = 0;
std::uint64_t steps = 0;

void mix(std::uint64_t value) {
  state = (state ^ value) * 0x100000001B3U;  // FNV-1a, a word at a time
  state ^= state >> 29U;
}

void executed(unsigned, void* address) {
  const auto at = reinterpret_cast<std::uintptr_t>(address);
  if (at == begin_at) {
    watching = true;
    state = 0xCBF29CE484222325U;
    steps = 0;
  } else if (at == end_at && watching) {
    watching = false;
    std::fprintf(out, "%016" PRIx64 " %" PRIu64 "\n", state, steps);
    std::fflush(out);
  }
  if (!watching) return;
  mix(at);
  ++steps;
}

void touched(unsigned, std::uint32_t, std::uint64_t address, void*) {
  if (watching) mix(~address);
}

void translated(PluginId, qemu_plugin_tb* block) {
  constexpr int kNoRegisters = 0;
  constexpr int kReadsAndWrites = 3;
  for (std::size_t i = 0; i < qemu_plugin_tb_n_insns(block); ++i) {
    qemu_plugin_insn* instruction = qemu_plugin_tb_get_insn(block, i);
    void* address =
        reinterpret_cast<void*>(qemu_plugin_insn_vaddr(instruction));  // NOLINT: a number to hand on
    qemu_plugin_register_vcpu_insn_exec_cb(instruction, executed, kNoRegisters, address);
    qemu_plugin_register_vcpu_mem_cb(instruction, touched, kNoRegisters, kReadsAndWrites, nullptr);
  }
}

}  // namespace

int qemu_plugin_install(PluginId id, const void*, int count, char** arguments) {
  for (int i = 0; i < count; ++i) {
    const std::string argument = arguments[i];
    const std::string value = argument.substr(argument.find('=') + 1);
    if (argument.rfind("begin=", 0) == 0) begin_at = std::strtoull(value.c_str(), nullptr, 0);
    if (argument.rfind("end=", 0) == 0) end_at = std::strtoull(value.c_str(), nullptr, 0);
    if (argument.rfind("out=", 0) == 0) out = std::fopen(value.c_str(), "we");
  }
  if (begin_at == 0 || end_at == 0 || out == nullptr) return 1;
  qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
  return 0;
}
