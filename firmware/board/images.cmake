# The images for boards under QEMU, each built by a build of its own in BUILD/BOARD, as part of this one. Where the
# compiler or mbedTLS's source is missing, nothing is built, and SCEAU_IMAGES_MISSING says why: tests fail with it.
include(ExternalProject)
set(SCEAU_BOARDS an505 an386)
set(SCEAU_IMAGES_MISSING "")
find_program(SCEAU_ARM_COMPILER arm-none-eabi-g++)
find_program(SCEAU_QEMU_ARM qemu-system-arm)
if(NOT SCEAU_ARM_COMPILER OR NOT SCEAU_QEMU_ARM)
  set(SCEAU_IMAGES_MISSING "arm-none-eabi-g++ or qemu-system-arm is not installed: run tools/test, which installs what tools/lib/packages names")
elseif(NOT EXISTS ${PROJECT_SOURCE_DIR}/build/sources/mbedtls/library/ecp.c)
  set(SCEAU_IMAGES_MISSING "mbedTLS's source is not in build/sources/mbedtls: run tools/test, which fetches Debian's source package")
endif()
set(SCEAU_IMAGES_MISSING "${SCEAU_IMAGES_MISSING}" CACHE INTERNAL "Why no image is built")
if(SCEAU_IMAGES_MISSING)
  message(WARNING "The images for boards are not built: ${SCEAU_IMAGES_MISSING}")
  return()
endif()
# The second board's is built by the test that needs it first (tests/board).
set(left_for_later_an505 FALSE)
set(left_for_later_an386 TRUE)
foreach(board IN LISTS SCEAU_BOARDS)
  ExternalProject_Add(firmware-${board}
    SOURCE_DIR ${PROJECT_SOURCE_DIR}
    BINARY_DIR ${PROJECT_BINARY_DIR}/${board}
    CONFIGURE_COMMAND ${CMAKE_COMMAND} --preset m33 -S <SOURCE_DIR> -B <BINARY_DIR> -DSCEAU_BOARD=${board}
                      -DSCEAU_STATEMENT_TABLES=${PROJECT_BINARY_DIR}/host-lib/statement/generated/firmware
    BUILD_COMMAND ${CMAKE_COMMAND} --build <BINARY_DIR>
    INSTALL_COMMAND ""
    BUILD_ALWAYS TRUE
    EXCLUDE_FROM_ALL ${left_for_later_${board}}
    USES_TERMINAL_BUILD TRUE)
  add_dependencies(firmware-${board} sceau-statement-table-files)
endforeach()
