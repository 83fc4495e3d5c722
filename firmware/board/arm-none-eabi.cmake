# Toolchain for the boards with an ARM Cortex-M core: Debian's gcc-arm-none-eabi, and the flags of one board's core.
#   cmake --preset m33        or, for another board:  -DSCEAU_BOARD=FOLDER, a folder beside this file
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR arm)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES SCEAU_BOARD)

set(SCEAU_BOARD an505 CACHE STRING "The board: a folder of firmware/board with a board.cmake")
include(${CMAKE_CURRENT_LIST_DIR}/${SCEAU_BOARD}/board.cmake)  # sets SCEAU_BOARD_CORE

foreach(tool gcc g++ size nm objcopy gcc-ar gcc-ranlib)
  string(TOUPPER ${tool} variable)
  string(REPLACE "+" "X" variable ${variable})
  find_program(SCEAU_ARM_${variable} arm-none-eabi-${tool})
  if(NOT SCEAU_ARM_${variable})
    message(FATAL_ERROR "arm-none-eabi-${tool} is missing: install the packages of tools/lib/packages "
                        "(gcc-arm-none-eabi, libstdc++-arm-none-eabi-newlib)")
  endif()
endforeach()
set(CMAKE_C_COMPILER ${SCEAU_ARM_GCC})
set(CMAKE_CXX_COMPILER ${SCEAU_ARM_GXX})

# GCC 12.2 writes a volatile member twice after a loop (a UART sends its bytes twice) unless it leaves stores there.
set(SCEAU_ARM_FLAGS "${SCEAU_BOARD_CORE} -mthumb -ffunction-sections -fdata-sections -fno-move-loop-stores")
# Where a board's flash is short, the whole image is compiled as one when it is linked. What is compiled for speed must
# take back what is only for size.
set(SCEAU_SPEED_OPTIONS -O2 -finline-small-functions -ftree-ch)
if(SCEAU_BOARD_WHOLE)
  string(APPEND SCEAU_ARM_FLAGS " -flto -fno-inline-small-functions -fno-tree-ch")
endif()
set(CMAKE_AR ${SCEAU_ARM_GCC-AR} CACHE FILEPATH "An archiver that knows the compiler's own objects")
set(CMAKE_RANLIB ${SCEAU_ARM_GCC-RANLIB} CACHE FILEPATH "Likewise")
set(CMAKE_C_FLAGS_INIT "${SCEAU_ARM_FLAGS}")
set(CMAKE_CXX_FLAGS_INIT
    "${SCEAU_ARM_FLAGS} -fno-exceptions -fno-rtti -fno-threadsafe-statics -fno-use-cxa-atexit -fno-unwind-tables -fno-asynchronous-unwind-tables")
set(CMAKE_EXE_LINKER_FLAGS_INIT "${SCEAU_BOARD_CORE} -mthumb -nostartfiles -Wl,--gc-sections -flto-partition=one")
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
