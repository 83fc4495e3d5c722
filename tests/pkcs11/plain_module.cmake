# The provider once more, without sanitizers and optimisation, for other people's programs: they load it without a
# sanitizer's runtime.

# sceau_plain_twin(TARGET OUTPUT): the objects of a static library, compiled again; their target goes to OUTPUT.
function(sceau_plain_twin target output)
  get_target_property(sources ${target} SOURCES)
  get_target_property(folder ${target} SOURCE_DIR)
  get_target_property(links ${target} LINK_LIBRARIES)
  set(paths)
  foreach(source IN LISTS sources)
    cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY ${folder} OUTPUT_VARIABLE path)
    get_source_file_property(alone ${path} TARGET_DIRECTORY ${target} SKIP_UNITY_BUILD_INCLUSION)
    if(alone)
      set_source_files_properties(${path} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
    endif()
    list(APPEND paths ${path})
  endforeach()
  add_library(${target}-plain OBJECT ${paths})
  target_include_directories(${target}-plain PRIVATE $<TARGET_PROPERTY:${target},INCLUDE_DIRECTORIES>)
  target_link_libraries(${target}-plain PRIVATE ${links})
  target_compile_options(${target}-plain PRIVATE -fno-sanitize=all -O0 -g0)
  set(${output} ${target}-plain PARENT_SCOPE)
endfunction()

# Found in each folder that links to them.
pkg_check_modules(pcsclite REQUIRED IMPORTED_TARGET libpcsclite)
pkg_check_modules(gfshare REQUIRED IMPORTED_TARGET libgfshare)
pkg_check_modules(utf8proc REQUIRED IMPORTED_TARGET libutf8proc)
pkg_check_modules(fido2 REQUIRED IMPORTED_TARGET libfido2)
set(objects)
foreach(room sceau-base sceau-token-room sceau-token-fido sceau-statement sceau-pki sceau-evidence sceau-pkcs11-room)
  sceau_plain_twin(${room} twin)
  list(APPEND objects $<TARGET_OBJECTS:${twin}>)
endforeach()
add_dependencies(sceau-statement-plain sceau-statement-table-files)

add_library(test-plain-module MODULE ${objects})
set_target_properties(test-plain-module PROPERTIES
  PREFIX "" OUTPUT_NAME libsceau-pkcs11 LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/plain LINKER_LANGUAGE CXX)
target_link_libraries(test-plain-module PRIVATE OpenSSL::Crypto PkgConfig::pcsclite PkgConfig::gfshare
                      PkgConfig::utf8proc PkgConfig::fido2 Threads::Threads ${CMAKE_DL_LIBS})
get_target_property(exports sceau-pkcs11 LINK_OPTIONS)
target_link_options(test-plain-module PRIVATE ${exports} -fno-sanitize=all)
