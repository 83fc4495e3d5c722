# Whether the table that is kept is the one that the program makes.
execute_process(COMMAND ${PROGRAM} OUTPUT_VARIABLE made RESULT_VARIABLE failed)
file(READ ${TABLE} kept)
if(failed OR NOT made STREQUAL kept)
  message(FATAL_ERROR "${TABLE} is not what ${PROGRAM} makes: write it anew with that program")
endif()
