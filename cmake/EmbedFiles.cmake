# errand_embed_files(TARGET t NAMESPACE ns OUTPUT name [ROOT folder] FILES ...)
#
# Adds to TARGET a generated name.cpp and name.hpp with
#   namespace ns { struct EmbeddedFile { std::string_view path, text; };  std::span<const EmbeddedFile> name(); }
# Paths are relative to ROOT (the calling folder unless given), in the order given.
function(errand_embed_files)
  cmake_parse_arguments(ARG "" "TARGET;NAMESPACE;OUTPUT;ROOT" "FILES" ${ARGN})
  if(NOT ARG_ROOT)
    set(ARG_ROOT "${CMAKE_CURRENT_SOURCE_DIR}")
  endif()
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/generated")
  set(script "${PROJECT_SOURCE_DIR}/cmake/embed_files.cmake")
  set(absolute "")
  foreach(file IN LISTS ARG_FILES)
    list(APPEND absolute "${ARG_ROOT}/${file}")
  endforeach()
  list(JOIN ARG_FILES "," joined)
  add_custom_command(
    OUTPUT "${folder}/${ARG_OUTPUT}.cpp" "${folder}/${ARG_OUTPUT}.hpp"
    COMMAND ${CMAKE_COMMAND} -DNAMESPACE=${ARG_NAMESPACE} -DNAME=${ARG_OUTPUT} -DFOLDER=${folder}
            -DROOT=${ARG_ROOT} -DFILES=${joined} -P ${script}
    DEPENDS ${absolute} ${script}
    VERBATIM)
  target_sources(${ARG_TARGET} PRIVATE "${folder}/${ARG_OUTPUT}.cpp" "${folder}/${ARG_OUTPUT}.hpp")
  target_include_directories(${ARG_TARGET} PUBLIC "${folder}")
endfunction()
