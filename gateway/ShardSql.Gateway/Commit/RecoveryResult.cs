namespace ShardSql.Gateway.Commit;

/// <summary>What a recovery that was asked for came to.</summary>
/// <param name="Outcome">"committed", "aborted", "undecided", or "not in doubt".</param>
/// <param name="Message">Why.</param>
internal sealed record RecoveryResult(string Outcome, string Message);
