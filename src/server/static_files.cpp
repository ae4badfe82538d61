#include "page_files.hpp"
#include "server/api/api.hpp"

namespace errand {
namespace {

bool ends_with(std::string_view text, std::string_view suffix) {
  return text.size() >= suffix.size() && text.substr(text.size() - suffix.size()) == suffix;
}

const char* content_type_of(std::string_view path) {
  if (ends_with(path, ".html"))
    return "text/html; charset=utf-8";
  if (ends_with(path, ".css"))
    return "text/css; charset=utf-8";
  return "text/javascript; charset=utf-8";
}

/// "page/index.html" is "/", "page/errand.js" is "/errand.js".
std::string url_of(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return name == "index.html" ? "/" : "/" + std::string{name};
}

}  // namespace

void add_page_routes(Router& router) {
  for (const page::EmbeddedFile& file : page::page_files()) {
    Route route;
    route.method = "GET";
    route.pattern = url_of(file.path);
    route.access = Access::anyone;
    route.on_loop = true;
    route.handle = [text = file.text, type = content_type_of(file.path)](const Request&) {
      Response response;
      response.content_type = type;
      response.body = text;
      response.headers.emplace_back("Cache-Control", "no-cache");
      return response;
    };
    router.add(std::move(route));
  }
}

}  // namespace errand
