// A program of somebody else's: it submits a job to a new database and finds it there.
#include <cstdio>
#include <errand/errand.hpp>

int main(int argc, char** argv) {
  if (argc != 2)
    return 2;
  try {
    errand::JobRegistry jobs;
    jobs.add("hello", [](errand::JobContext&, const errand::Json&) {});
    errand::Config config;
    config.database_url = std::string{"sqlite:"} + argv[1];
    errand::ServerApp app{config, jobs};
    const errand::Job job = app.worker_manager().submit_job({.tag = "consumer", .type = "hello"});
    std::printf("job %lld waits\n", static_cast<long long>(job.id));
    return app.worker_manager().find_job(job.id) ? 0 : 1;
  } catch (const errand::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
