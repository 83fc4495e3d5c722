#include "sandbox.h"

#include <sched.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>

#include "sceau/base/files.h"

namespace sceau::sceaud {
namespace {

struct Release {
  void operator()(void* filter) const { seccomp_release(filter); }
};

constexpr const char* kDenied[] = {"execve",
                                   "execveat",
                                   "fork",
                                   "vfork",
                                   "ptrace",
                                   "process_vm_readv",
                                   "process_vm_writev",
                                   "kcmp",
                                   "mount",
                                   "umount2",
                                   "pivot_root",
                                   "chroot",
                                   "move_mount",
                                   "open_tree",
                                   "fsopen",
                                   "fsmount",
                                   "setns",
                                   "unshare",
                                   "init_module",
                                   "finit_module",
                                   "delete_module",
                                   "kexec_load",
                                   "kexec_file_load",
                                   "bpf",
                                   "perf_event_open",
                                   "userfaultfd",
                                   "keyctl",
                                   "add_key",
                                   "request_key",
                                   "reboot",
                                   "swapon",
                                   "swapoff",
                                   "settimeofday",
                                   "clock_settime",
                                   "adjtimex",
                                   "clock_adjtime",
                                   "acct",
                                   "quotactl",
                                   "personality",
                                   "iopl",
                                   "ioperm",
                                   "open_by_handle_at",
                                   "setuid",
                                   "setgid",
                                   "setresuid",
                                   "setresgid",
                                   "setgroups",
                                   "io_uring_setup",
                                   "pidfd_getfd",
                                   "process_madvise",
                                   "syslog",
                                   "vhangup",
                                   "sethostname",
                                   "setdomainname"};

// A thread may be made, a process not.
int deny_processes(scmp_filter_ctx filter) {
  int problem = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                                 SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
  // glibc falls back from clone3, whose flags a filter cannot see, to clone.
  if (problem == 0) problem = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
  return problem;
}

int deny_other_sockets(scmp_filter_ctx filter) {
  int problem = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1,
                                 SCMP_A0(SCMP_CMP_GT, AF_INET6));
  for (int family = 3; problem == 0 && family < AF_INET6; ++family) {
    problem = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1,
                               SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(family)));
  }
  return problem;
}

Status refused(const std::string& what, int number) {
  return Error{ErrorKind::unavailable, "entering the sandbox: " + what + ": " + system_error_text(number) +
                                           ": --no-sandbox runs without it"};
}

}  // namespace

Status enter_sandbox() {
  if (::prctl(PR_SET_DUMPABLE, 0) != 0) return refused("turning core dumps off", errno);
  const rlimit none{0, 0};
  if (::setrlimit(RLIMIT_CORE, &none) != 0) return refused("turning core dumps off", errno);
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return refused("giving privileges up", errno);

  const std::unique_ptr<void, Release> filter(seccomp_init(SCMP_ACT_ALLOW));
  // For the threads that are there already, too.
  if (!filter || seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1) != 0) {
    return refused("preparing seccomp", ENOMEM);
  }
  for (const char* name : kDenied) {
    const int number = seccomp_syscall_resolve_name(name);
    if (number == __NR_SCMP_ERROR) continue;  // not on this architecture
    if (const int problem = seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), number, 0); problem != 0) {
      return refused("denying " + std::string(name), -problem);
    }
  }
  if (const int problem = deny_processes(filter.get()); problem != 0)
    return refused("denying processes", -problem);
  if (const int problem = deny_other_sockets(filter.get()); problem != 0)
    return refused("denying sockets", -problem);
  if (const int problem = seccomp_load(filter.get()); problem != 0)
    return refused("loading seccomp", -problem);
  return {};
}

}  // namespace sceau::sceaud
