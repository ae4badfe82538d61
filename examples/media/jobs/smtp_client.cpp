#include "jobs/smtp_client.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <curl/curl.h>
#include <errand/error.hpp>
#include <memory>
#include <string_view>

namespace demo {
namespace {

using Handle = std::unique_ptr<CURL, void (*)(CURL*)>;
using List = std::unique_ptr<curl_slist, void (*)(curl_slist*)>;

std::size_t give_bytes(char* buffer, std::size_t size, std::size_t count, void* rest) {
  auto& text = *static_cast<std::string_view*>(rest);
  const std::size_t bytes = std::min(size * count, text.size());
  std::memcpy(buffer, text.data(), bytes);
  text.remove_prefix(bytes);
  return bytes;
}

std::size_t ignore_bytes(char* /*bytes*/, std::size_t size, std::size_t count, void* /*unused*/) {
  return size * count;
}

int stop_if_asked(
    void* stop, curl_off_t /*a*/, curl_off_t /*b*/, curl_off_t /*c*/, curl_off_t /*d*/) {
  return static_cast<const std::stop_token*>(stop)->stop_requested() ? 1 : 0;
}

class Transfer {
 public:
  Transfer(const SmtpRequest& request, const std::stop_token& stop)
      : rest_{request.message}, stop_{stop} {
    if (!handle_)
      throw errand::Error{errand::ErrorKind::unavailable, "libcurl could not be set up"};
    recipients_.reset(curl_slist_append(nullptr, request.to.c_str()));
    const std::string url = "smtp://127.0.0.1:" + std::to_string(request.port) + "/errand-demo";
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_MAIL_FROM, request.from.c_str());
    set(CURLOPT_MAIL_RCPT, recipients_.get());
    set(CURLOPT_UPLOAD, 1L);
    set(CURLOPT_READFUNCTION, &give_bytes);
    set(CURLOPT_READDATA, &rest_);
    set(CURLOPT_WRITEFUNCTION, &ignore_bytes);
    set(CURLOPT_ERRORBUFFER, error_.data());
    set(CURLOPT_TIMEOUT_MS, long{request.timeout.count()});
    set(CURLOPT_NOSIGNAL, 1L);  // signals belong to the worker
    set(CURLOPT_PROXY, "");     // the server is on this machine whatever the environment says
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &stop_if_asked);
    set(CURLOPT_XFERINFODATA, &stop_);
  }

  SmtpReply perform() {
    const CURLcode result = curl_easy_perform(handle_.get());
    long code = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &code);
    SmtpReply reply{result == CURLE_OK, static_cast<int>(code), {}};
    if (!reply.accepted)
      reply.sentence = error_.front() != '\0' ? error_.data() : curl_easy_strerror(result);
    return reply;
  }

 private:
  template <typename Value>
  void set(CURLoption option, Value value) {
    if (curl_easy_setopt(handle_.get(), option, value) != CURLE_OK)
      throw errand::Error{errand::ErrorKind::bug, "libcurl refused an option of the SMTP transfer"};
  }

  std::string_view rest_;
  std::stop_token stop_;
  Handle handle_{curl_easy_init(), &curl_easy_cleanup};
  List recipients_{nullptr, &curl_slist_free_all};
  std::array<char, CURL_ERROR_SIZE> error_{};
};

}  // namespace

SmtpReply send_by_smtp(const SmtpRequest& request, const std::stop_token& stop) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (ready != CURLE_OK)
    throw errand::Error{errand::ErrorKind::unavailable, "libcurl could not be set up"};
  return Transfer{request, stop}.perform();
}

}  // namespace demo
