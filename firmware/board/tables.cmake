# The statement table for an image: written by the same program as the host's, which is built for this machine and run
# here. A build of the whole tree has it already and gives its folder as SCEAU_STATEMENT_TABLES.
add_library(sceau-firmware-tables INTERFACE)
if(SCEAU_STATEMENT_TABLES)
  target_include_directories(sceau-firmware-tables INTERFACE ${SCEAU_STATEMENT_TABLES})
  return()
endif()
find_program(SCEAU_HOST_COMPILER NAMES c++ g++ REQUIRED)
set(statement ${PROJECT_SOURCE_DIR}/host-lib/statement)
set(generator ${statement}/generate_tables.cpp ${statement}/table_reader.cpp ${statement}/host_table_writer.cpp
    ${statement}/firmware_table_writer.cpp)
set(tables ${CMAKE_CURRENT_BINARY_DIR}/tables)
file(MAKE_DIRECTORY ${tables})
add_custom_command(
  OUTPUT ${tables}/statement_table.h
  COMMAND ${SCEAU_HOST_COMPILER} -std=c++20 ${generator} -o ${tables}/generate
  COMMAND ${tables}/generate ${statement}/schema.json ${tables}/host_table.cpp ${tables}/statement_table.h
  DEPENDS ${generator} ${statement}/tables.h ${statement}/schema.json
  COMMENT "Generating the statement table"
  VERBATIM)
add_custom_target(sceau-statement-table-files DEPENDS ${tables}/statement_table.h)
target_include_directories(sceau-firmware-tables INTERFACE ${tables})
add_dependencies(sceau-firmware-tables sceau-statement-table-files)
