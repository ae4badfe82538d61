# ccache and a fast linker, when the machine has them: a build on two cores should be minutes, not a coffee.
find_program(ERRAND_CCACHE ccache)
if(ERRAND_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${ERRAND_CCACHE})
endif()

# GCC collects its garbage as if memory were scarce: a sixth of the time.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND PROJECT_IS_TOP_LEVEL)
  add_compile_options(--param=ggc-min-heapsize=1000000)
endif()

find_program(ERRAND_MOLD mold)
if(ERRAND_MOLD AND PROJECT_IS_TOP_LEVEL)
  add_link_options(-fuse-ld=mold)
endif()
