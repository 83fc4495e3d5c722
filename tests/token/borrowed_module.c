/* No PKCS#11 module: a library that needs one. */
int borrowed_module(void) { return 0; }
