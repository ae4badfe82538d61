# `cmake --install` puts the library, its public headers and its CMake package in place; a project finds it with
# find_package(errand) or takes this folder with add_subdirectory. tests/consumer does both.
include(CMakePackageConfigHelpers)

set(folder "${CMAKE_INSTALL_LIBDIR}/cmake/errand")
install(
  TARGETS errand
  EXPORT errandTargets
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
  FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(EXPORT errandTargets NAMESPACE errand:: DESTINATION "${folder}")
if(TARGET errand_program)
  install(TARGETS errand_program RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
endif()

configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/errandConfig.cmake.in" "${PROJECT_BINARY_DIR}/errandConfig.cmake"
                              INSTALL_DESTINATION "${folder}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/errandConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/errandConfig.cmake" "${PROJECT_BINARY_DIR}/errandConfigVersion.cmake"
        DESTINATION "${folder}")
