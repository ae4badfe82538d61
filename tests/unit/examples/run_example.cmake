# Runs PROGRAM with ARGUMENTS and INPUT in a new FOLDER; fails unless it ends well and its output matches EXPECT.
file(REMOVE_RECURSE "${FOLDER}")
file(MAKE_DIRECTORY "${FOLDER}")
file(WRITE "${FOLDER}/input" "${INPUT}\n")
set(ENV{PORT} 0)
execute_process(
  COMMAND "${PROGRAM}" ${ARGUMENTS}
  WORKING_DIRECTORY "${FOLDER}"
  INPUT_FILE "${FOLDER}/input"
  OUTPUT_VARIABLE output
  ERROR_VARIABLE errors
  RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} ended with ${result}\n${output}\n${errors}")
endif()
if(NOT output MATCHES "${EXPECT}")
  message(FATAL_ERROR "the output of ${PROGRAM} is not as expected: ${EXPECT}\n${output}\n${errors}")
endif()
