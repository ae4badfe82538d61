#include "jobs/bad_input.hpp"
#include "jobs/jobs.hpp"
#include "jobs/mail_message.hpp"
#include "jobs/smtp_client.hpp"

namespace demo {
namespace {

constexpr std::string_view sender = "demo@errand.example";

// The same for every attempt, so that a receiver can tell a message that came twice.
std::string message_id(const errand::Job& job) {
  return "job-" + std::to_string(job.root_job.value_or(job.id)) + "@errand.example";
}

MailMessage compose(const errand::Job& job, const SendEmail& email) {
  return {std::string{sender},
          email.to,
          email.subject,
          email.body,
          message_id(job),
          job.started.value_or(job.created_at)};
}

std::string sentence(const SendEmail& email, const SmtpReply& reply) {
  std::string text = "the mail to " + email.to + " was not accepted";
  if (reply.code != 0)
    text += " (the server answered " + std::to_string(reply.code) + ")";
  return text + ": " + reply.sentence;
}

errand::Outcome deliver(errand::JobContext& context,
                        const SendEmail& email,
                        const Settings& settings) {
  const MailMessage message = compose(context.job(), email);
  const std::string text = format_mail(message);
  context.progress(0.2, "composed");
  const SmtpReply reply = send_by_smtp(
      {.port = settings.smtp_port, .from = message.from, .to = message.to, .message = text},
      context.stop_token());
  context.throw_if_cancelled();
  if (reply.refused_for_good())
    return errand::Outcome::give_up(sentence(email, reply));
  if (!reply.accepted)
    throw errand::Error{errand::ErrorKind::unavailable, sentence(email, reply)};
  context.progress(1.0, "accepted");
  context.log().info("mail accepted", {{"to", email.to}});
  context.app().create_notification(
      context.job().user_id, {{"type", "emailSent"}, {"to", email.to}, {"subject", email.subject}});
  return errand::Outcome::success({{"to", email.to}, {"messageId", message.message_id}});
}

}  // namespace

errand::Outcome send_email(errand::JobContext& context,
                           const SendEmail& email,
                           const Settings& settings) {
  if (settings.smtp_port == 0)
    return errand::Outcome::give_up("no mail server is known: set DEMO_SMTP_PORT to its port");
  return give_up_on_bad_input("cannot send a mail",
                              [&] { return deliver(context, email, settings); });
}

}  // namespace demo
