#include "server/demo_server.hpp"

#include <iostream>
#include <random>

#include "jobs/jobs.hpp"
#include "server/background_thread.hpp"
#include "server/page_server.hpp"
#include "server/smtp_sink.hpp"

namespace demo {
namespace {

constexpr int exit_unavailable = 69;
constexpr int exit_bad_configuration = 78;

int port_after(int port) {
  return port == 0 ? 0 : port + 1;
}

// The page links to the operator's, so it has to know a token.
std::string random_token() {
  std::random_device device;
  std::string token;
  for (int at = 0; at < 32; ++at)
    token += "0123456789abcdef"[device() % 16];
  return token;
}

int serve() {
  errand::Config config = errand::Config::from_env();
  if (config.admin_token.empty())
    config.admin_token = random_token();
  Settings settings = Settings::from_environment();
  settings.folder = std::filesystem::absolute(settings.folder);
  std::filesystem::create_directories(settings.folder);
  boost::asio::io_context context{1};
  const SmtpSink mail{context, settings.smtp_port, settings.mail()};
  settings.smtp_port = mail.port();
  settings.publish();
  errand::ServerApp app{config, make_registry(settings)};
  DemoApi api{app, settings, make_samples(settings)};
  const PageServer page{context,
                        port_after(config.port),
                        [&api](const PageRequest& request) { return api.answer(request); },
                        [&app] {
                          return app.port();
                        }};
  const BackgroundThread thread{context};
  std::cout << "The demo's page:  http://127.0.0.1:" << page.port() << "/\n"
            << "Operator's token: " << config.admin_token << "\n"
            << "Files:            " << settings.folder.string() << "\n"
            << std::flush;
  return app.run();
}

}  // namespace

int run_demo_server() {
  try {
    return serve();
  } catch (const errand::Error& error) {
    std::cerr << "errand demo: " << error.what() << "\n";
    return error.kind() == errand::ErrorKind::invalid ? exit_bad_configuration : exit_unavailable;
  }
}

}  // namespace demo
