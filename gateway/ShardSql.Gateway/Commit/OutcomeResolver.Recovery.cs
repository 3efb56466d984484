using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Primitives;
using ShardSql.Storage.Client;
using ShardSql.Transactions;

namespace ShardSql.Gateway.Commit;

/// <content>Recovery that an operator asks for: what participants do by themselves after a moment, now.</content>
internal sealed partial class OutcomeResolver
{
    /// <summary>Decides the attempts of a transaction that are in doubt by the votes of their participants. One that has not
    /// voted refuses durably; nobody is forced to anything, and nothing is refused that no shard holds prepared.</summary>
    public async Task<RecoveryResult> RecoverAsync(TxnId id, IReadOnlyList<ShardId> shards, CancellationToken deadline)
    {
        AttemptReport?[] reports = await Task.WhenAll(
            shards.Select(shard => AskAsync(shard, id.Session, id.Sequence, refuse: false, deadline)));
        var attempts = new SortedDictionary<TxnId, QueryRequest>();
        foreach (QueryRequest attempt in reports.SelectMany(report => report?.Undecided ?? []))
        {
            attempts[attempt.Id] = attempt;
        }

        bool isCommitted = reports.Any(report => report is { Committed: true });
        var open = new SortedSet<ShardId>();
        foreach (QueryRequest attempt in attempts.Values)
        {
            Decision? decision = await DecideAsync(attempt, deadline);
            isCommitted |= decision is { Commit: true };
            if (decision is null)
            {
                open.UnionWith(attempt.Participants);
            }
        }

        if (isCommitted)
        {
            return new RecoveryResult("committed", "all participants agreed");
        }

        if (open.Count > 0)
        {
            return new RecoveryResult("undecided", $"not all of {string.Join(", ", open)} have answered; their votes decide");
        }

        string silent = string.Join(", ", shards.Where((_, i) => reports[i] is null));
        return attempts.Count > 0 ? new RecoveryResult("aborted", "a participant refused")
            : silent.Length > 0 ? new RecoveryResult("undecided", $"no answer from {silent}; no other shard holds it prepared")
            : new RecoveryResult("not in doubt", "no shard holds it prepared");
    }
}
