// Programs that speak PKCS#11, each with the line that makes it use our provider.

#include "doctor_checks.h"

namespace sceau::tool {

std::string provider_path() {
  namespace fs = std::filesystem;
  std::error_code failed;
  const auto program = fs::read_symlink("/proc/self/exe", failed);
  if (!failed) {
    const auto prefix = program.parent_path().parent_path();
    for (const char* place :
         {"lib/pkcs11/libsceau-pkcs11.so", "lib/x86_64-linux-gnu/pkcs11/libsceau-pkcs11.so",
          "lib/aarch64-linux-gnu/pkcs11/libsceau-pkcs11.so", "lib64/pkcs11/libsceau-pkcs11.so"})
      if (fs::exists(prefix / place, failed)) return (prefix / place).string();
  }
  return "libsceau-pkcs11.so";
}

std::vector<Consumer> consumers(const std::string& module) {
  return {
      {"ssh", "~/.ssh/config", "PKCS11Provider " + module},
      {"ssh-agent", "a shell", "ssh-add -s " + module},
      {"ssh-keygen", "a shell", "ssh-keygen -D " + module},
      {"Firefox, Thunderbird, Chromium (NSS)", "a shell, the program closed",
       "modutil -dbdir sql:PROFILE -add Sceau -libfile " + module + " -force"},
      {"p11-kit, GnuTLS, p11tool", "/etc/pkcs11/modules/sceau.module", "module: " + module},
      {"Java", "a file given with -providerClass sun.security.pkcs11.SunPKCS11 -providerArg FILE",
       "name = Sceau\nlibrary = " + module},
      {"OpenSSL (engine pkcs11)", "a shell",
       "openssl pkeyutl -engine pkcs11 -keyform engine -inkey 'pkcs11:id=%01' … with PKCS11_MODULE_PATH=" +
           module},
      {"curl", "a shell",
       "PKCS11_MODULE_PATH=" + module +
           " curl --engine pkcs11 --key-type ENG --key 'pkcs11:id=%01' --cert-type ENG --cert "
           "'pkcs11:id=%01' …"},
      {"OpenSC's tools", "a shell", "pkcs11-tool --module " + module + " --list-objects"},
      {"Python (python3-pykcs11)", "a program", "PyKCS11.PyKCS11Lib().load('" + module + "')"},
      {"OpenVPN", "its configuration", "pkcs11-providers " + module},
  };
}

}  // namespace sceau::tool
