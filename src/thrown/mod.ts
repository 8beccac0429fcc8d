/** What one side throws, as the other is told it. @module */
export { decodeCallReason, encodeCallReason } from "./call_reasons.ts";
export { headOf, presentStack, setStack } from "./error_text.ts";
export { ErrorsHome } from "./errors_home.ts";
export { describeFailure, reviveFailure } from "./failure.ts";
export { describeThrown, reviveThrown, shortened, undescribed } from "./remote_error.ts";
export { decodeStreamReason, encodeStreamFailure, encodeStreamReason } from "./stream_reasons.ts";
