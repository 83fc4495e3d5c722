#include "sceau/registry/state.h"

#include <array>
#include <utility>

namespace sceau::registry {
namespace {

template <typename E, std::size_t size>
using Names = std::array<std::pair<E, std::string_view>, size>;

constexpr Names<Role, 4> kRoles{{{Role::agent, "agent"},
                                 {Role::approver, "approver"},
                                 {Role::administrator, "administrator"},
                                 {Role::auditor, "auditor"}}};
constexpr Names<KeyPurpose, 4> kPurposes{{{KeyPurpose::sign, "sign"},
                                          {KeyPurpose::login, "login"},
                                          {KeyPurpose::session, "session"},
                                          {KeyPurpose::recovery, "recovery"}}};
constexpr Names<TokenState, 4> kTokenStates{{{TokenState::active, "active"},
                                             {TokenState::suspended, "suspended"},
                                             {TokenState::revoked, "revoked"},
                                             {TokenState::ended, "ended"}}};
constexpr Names<RequestState, 10> kRequestStates{{{RequestState::pending, "pending"},
                                                  {RequestState::admitted, "admitted"},
                                                  {RequestState::running, "running"},
                                                  {RequestState::quarantined, "quarantined"},
                                                  {RequestState::released, "released"},
                                                  {RequestState::checked, "checked"},
                                                  {RequestState::delivered, "delivered"},
                                                  {RequestState::interrupted, "interrupted"},
                                                  {RequestState::refused, "refused"},
                                                  {RequestState::expired, "expired"}}};

template <typename E, std::size_t size>
std::string_view text_in(const Names<E, size>& names, E value) {
  for (const auto& [known, text] : names) {
    if (known == value) return text;
  }
  return {};
}

template <typename E, std::size_t size>
std::optional<E> value_in(const Names<E, size>& names, std::string_view text) {
  for (const auto& [value, known] : names) {
    if (known == text) return value;
  }
  return std::nullopt;
}

}  // namespace

std::string_view role_text(Role role) { return text_in(kRoles, role); }
std::optional<Role> role_from_text(std::string_view text) { return value_in(kRoles, text); }
std::string_view key_purpose_text(KeyPurpose purpose) { return text_in(kPurposes, purpose); }
std::optional<KeyPurpose> key_purpose_from_text(std::string_view text) { return value_in(kPurposes, text); }
std::string_view token_state_text(TokenState state) { return text_in(kTokenStates, state); }
std::string_view request_state_text(RequestState state) { return text_in(kRequestStates, state); }
std::optional<RequestState> request_state_from_text(std::string_view text) {
  return value_in(kRequestStates, text);
}

bool is_ended(RequestState state) {
  return state == RequestState::delivered || state == RequestState::interrupted ||
         state == RequestState::refused || state == RequestState::expired;
}

}  // namespace sceau::registry
