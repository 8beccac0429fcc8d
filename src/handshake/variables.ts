/** Names of the variables of the handshake beside the cookie: go-plugin's, then Plugwire's own. PROTOCOL.md §2.2. */
export const Variable = {
  minPort: "PLUGIN_MIN_PORT",
  maxPort: "PLUGIN_MAX_PORT",
  versions: "PLUGIN_PROTOCOL_VERSIONS",
  multiplexGrpc: "PLUGIN_MULTIPLEX_GRPC",
  clientCertificate: "PLUGIN_CLIENT_CERT",
  socketDirectory: "PLUGIN_UNIX_SOCKET_DIR",
  socketGroup: "PLUGIN_UNIX_SOCKET_GROUP",
  host: "PLUGWIRE_HOST",
  protocols: "PLUGWIRE_PROTOCOLS",
  transport: "PLUGWIRE_TRANSPORT",
  secret: "PLUGWIRE_SECRET",
  lifeline: "PLUGWIRE_LIFELINE",
  linger: "PLUGWIRE_LINGER",
  output: "PLUGWIRE_OUTPUT",
} as const;

/** Names of the variables for whoever looks for a fault. What one process was told is not for those that it starts. */
export const DebugVariable = {
  /** Of either side: where frames are told of. */
  trace: "PLUGWIRE_TRACE",
  /** Of a plugin that somebody starts by hand: `1` has it wait for hosts. */
  debug: "PLUGWIRE_DEBUG",
  /** Of a host: where the plugins are that it is to join in place of starting them. */
  reattach: "PLUGWIRE_REATTACH",
} as const;

/** Names of the variables of a plugin that an orchestrator starts, beside `PLUGWIRE_SECRET`. PROTOCOL.md §2.9. */
export const ListenVariable = {
  listen: "PLUGWIRE_LISTEN",
  secretFile: "PLUGWIRE_SECRET_FILE",
  tlsCertificateFile: "PLUGWIRE_TLS_CERT_FILE",
  tlsKeyFile: "PLUGWIRE_TLS_KEY_FILE",
  tlsCaFile: "PLUGWIRE_TLS_CA_FILE",
  insecure: "PLUGWIRE_INSECURE",
} as const;

/** All of {@linkcode ListenVariable}. They speak of this process alone, too. */
export const listenVariables: readonly string[] = Object.values(ListenVariable);

/** All of {@linkcode DebugVariable}. */
export const debugVariables: readonly string[] = Object.values(DebugVariable);

/**
 * All of {@linkcode Variable}. A host that is itself a plugin removes them, and its own cookie, from what its plugins
 * inherit: they speak of its session with its own host.
 */
export const handshakeVariables: readonly string[] = Object.values(Variable);
