# Configures, builds and runs the consumer project KIND in a new FOLDER.
function(run)
  execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE output ERROR_VARIABLE errors RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "failed: ${command}\n${output}\n${errors}")
  endif()
endfunction()

file(REMOVE_RECURSE "${FOLDER}")
if(KIND STREQUAL "installed")
  run("${CMAKE_COMMAND}" --install "${ERRAND_BUILD}" --prefix "${FOLDER}/prefix")
endif()
run("${CMAKE_COMMAND}" -S "${SOURCE}/${KIND}" -B "${FOLDER}/build" -G Ninja
    "-DCMAKE_PREFIX_PATH=${FOLDER}/prefix" "-DERRAND_SOURCE=${ERRAND_SOURCE}" "-DCMAKE_CXX_COMPILER=${COMPILER}"
    "-DCMAKE_CXX_FLAGS=${FLAGS}" "-DCMAKE_BUILD_TYPE=${BUILD_TYPE}")
run("${CMAKE_COMMAND}" --build "${FOLDER}/build" --target consumer -j 2)
run("${FOLDER}/build/consumer" "${FOLDER}/consumer.db")
