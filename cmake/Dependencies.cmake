# Everything comes from the distribution's packages; docs/architecture.md says what each is for.
find_package(Threads REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(nlohmann_json 3.10 REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(PostgreSQL 14 REQUIRED) # libpq, with its pipelines
find_package(date REQUIRED)
find_package(CLI11 REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(libjwt REQUIRED IMPORTED_TARGET libjwt)
pkg_check_modules(simdjson REQUIRED IMPORTED_TARGET simdjson)

# Asio and Beast are compiled once, in src/base/asio_implementation.cpp, instead of in every file that uses them.
add_library(errand_asio INTERFACE)
target_link_libraries(errand_asio INTERFACE Boost::headers Threads::Threads)
target_compile_definitions(
  errand_asio INTERFACE BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
                        BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_FENCED_BLOCK)
