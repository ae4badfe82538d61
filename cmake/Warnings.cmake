# One interface target with the warnings of this project. It is linked privately: a consumer of errand never sees it.
add_library(errand_warnings INTERFACE)
target_compile_options(
  errand_warnings
  INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wcast-qual
            -Wcast-align -Wnon-virtual-dtor -Woverloaded-virtual -Wdouble-promotion -Wformat=2 -Wundef
            -Wimplicit-fallthrough -Wextra-semi -Wunused
            $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond -Wduplicated-branches -Wlogical-op -Wuseless-cast
            -Wsuggest-override -Wredundant-tags -Wmismatched-tags -Wcatch-value=3 -Wcomma-subscript -Wvolatile>
            $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety -Wnewline-eof -Wrange-loop-analysis -Wshift-sign-overflow
            -Wcomma>
            $<$<BOOL:${ERRAND_DEVELOPER}>:-Werror>
            -fvisibility=hidden -fstack-protector-strong
            $<$<CONFIG:Release,RelWithDebInfo>:-D_FORTIFY_SOURCE=2>)
