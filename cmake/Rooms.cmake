# errand_room(name DEPENDS rooms... LIBRARIES targets... SOURCES files...)
#
# A room is an object library errand_<name>; all rooms together are the library errand::errand. DEPENDS says which
# rooms its files may include: tests/tidy/check_rooms.py holds every #include against the same table.
add_library(errand_precompiled OBJECT "${PROJECT_SOURCE_DIR}/cmake/precompiled.cpp")
target_link_libraries(errand_precompiled PRIVATE errand_warnings errand_asio nlohmann_json::nlohmann_json)
target_precompile_headers(
  errand_precompiled
  PRIVATE
  <algorithm>
  <array>
  <chrono>
  <cstdint>
  <functional>
  <map>
  <memory>
  <mutex>
  <optional>
  <span>
  <string>
  <string_view>
  <unordered_map>
  <utility>
  <variant>
  <vector>
  <nlohmann/json.hpp>)

set_property(GLOBAL PROPERTY ERRAND_ROOMS "")

function(errand_room name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LIBRARIES;SOURCES" ${ARGN})
  add_library(errand_${name} OBJECT ${ARG_SOURCES})
  target_include_directories(errand_${name} PUBLIC "${PROJECT_SOURCE_DIR}/include" "${PROJECT_SOURCE_DIR}/src")
  target_link_libraries(errand_${name} PUBLIC nlohmann_json::nlohmann_json errand_asio ${ARG_LIBRARIES})
  target_link_libraries(errand_${name} PRIVATE errand_warnings)
  foreach(room IN LISTS ARG_DEPENDS)
    # An object library passes on usage requirements, not objects: those are gathered once, by errand or by a test.
    target_link_libraries(errand_${name} PUBLIC errand_${room})
  endforeach()
  target_precompile_headers(errand_${name} REUSE_FROM errand_precompiled)
  set_property(GLOBAL APPEND PROPERTY ERRAND_ROOMS ${name})
endfunction()
