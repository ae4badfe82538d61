# errand_test(name [POSTGRES] LABELS labels... ROOMS rooms... LIBRARIES targets... SOURCES files...)
#
# A GoogleTest program over the objects of the named rooms. Labels: unit, conformance, integration, fail_nth, e2e, model,
# interleaving, tidy, consumer, browser, bench; `./test fast` runs all but e2e, model, interleaving, consumer, browser and
# bench. POSTGRES: they use the one server of the run
# (tests/helpers/postgres_cluster.hpp). Every test has 60 s: what takes longer is waiting for something that will not come.
find_package(GTest REQUIRED)
include(GoogleTest)

add_library(errand_test_precompiled OBJECT "${PROJECT_SOURCE_DIR}/cmake/precompiled.cpp")
target_link_libraries(errand_test_precompiled PRIVATE errand_warnings errand_asio nlohmann_json::nlohmann_json GTest::gmock)
# Test programs are compiled with -fPIE, and a precompiled header serves only what has the same flag.
set_target_properties(errand_test_precompiled PROPERTIES POSITION_INDEPENDENT_CODE OFF)
target_compile_options(errand_test_precompiled PRIVATE -fPIE)
target_precompile_headers(
  errand_test_precompiled
  PRIVATE
  <algorithm>
  <chrono>
  <functional>
  <memory>
  <optional>
  <string>
  <string_view>
  <thread>
  <vector>
  <gmock/gmock.h>
  <gtest/gtest.h>
  <nlohmann/json.hpp>)

set(ERRAND_POSTGRES_FILE "${PROJECT_BINARY_DIR}/postgres.url")

function(errand_test name)
  cmake_parse_arguments(ARG "POSTGRES" "" "LABELS;ROOMS;LIBRARIES;SOURCES" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  list(TRANSFORM ARG_ROOMS PREPEND errand_ OUTPUT_VARIABLE rooms)
  target_link_libraries(${name} PRIVATE errand_warnings ${rooms} ${ARG_LIBRARIES} GTest::gmock_main)
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/include" "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}/tests")
  target_precompile_headers(${name} REUSE_FROM errand_test_precompiled)
  set(properties LABELS "${ARG_LABELS}" TIMEOUT 180)  # three times what the longest takes on a slow machine
  if(ARG_POSTGRES)
    target_link_libraries(${name} PRIVATE errand_postgres_helpers)
    add_dependencies(${name} postgres_fixture)
    list(APPEND properties FIXTURES_REQUIRED postgres ENVIRONMENT "ERRAND_TEST_POSTGRES=${ERRAND_POSTGRES_FILE}")
  endif()
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST PROPERTIES ${properties})
endfunction()
