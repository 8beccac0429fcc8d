/** A directory or file of this machine that a container sees. */
export interface ContainerMount {
  /** Absolute path on this machine. */
  readonly source: string;
  /** Absolute path in the container. Default: the same. */
  readonly target?: string;
  /** Whether the plugin may write there. Default `false`. */
  readonly writable?: boolean;
}

/** Options of {@linkcode containerRunner}. */
export interface ContainerOptions {
  /** The image, as the engine calls it: `node:24-slim`. */
  readonly image: string;
  /** The program that runs containers: `docker`, `podman`, or the path of one that takes the same arguments. Default `docker`. */
  readonly engine?: string;
  /** What of this machine the container sees, beside the directory of the plugin's socket. Default: nothing. */
  readonly mounts?: readonly ContainerMount[];
  /** The network of the container. Default `none`: host and plugin need none. */
  readonly network?: string;
  /**
   * Who runs the plugin in the container, a name or number as the engine takes it. Default: the number of the host's own user, who
   * has to be able to open the plugin's socket (with podman in its own user namespace). `false` leaves it to the image.
   */
  readonly user?: string | false;
  /** Whether an image that is not there is fetched: `never` (the default), `missing` or `always`. It counts as part of the start. */
  readonly pull?: "never" | "missing" | "always";
  /** Further arguments of the engine's `run`, before the image: `["--read-only", "--cap-drop=ALL"]`. */
  readonly args?: readonly string[];
}
