using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Execution;
using ShardSql.Gateway.Commit;
using ShardSql.Gateway.Sequences;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Gateway.Statements;

/// <summary>Statements that are one transaction of their own: an autocommit statement, a batch, a submission.</summary>
internal sealed record Unit
{
    public required IReadOnlyList<Statement> Statements { get; init; }

    public required IReadOnlyList<KeyValuePair<string, SqlValue>> Parameters { get; init; }

    public required TransactionName Name { get; init; }

    public required IRowSink Sink { get; init; }

    /// <summary>Ends the work, but no commit that has been sent.</summary>
    public required CancellationToken Ended { get; init; }

    /// <summary>How long a commit may be waited for.</summary>
    public required Func<TimeSpan> TimeLeft { get; init; }

    public required IMemoryBudget Memory { get; init; }

    /// <summary>Whether it may only read (25006).</summary>
    public bool ReadOnly { get; init; }

    /// <summary>What kind of transaction it is said to be; null: nothing is said.</summary>
    public string? TransactionType { get; init; }

    /// <summary>Whether any statement changes the schema: then each is planned with what those before it made.</summary>
    public bool ChangesSchema { get; init; }

    /// <summary>Who numbers of sequences are given to.</summary>
    public SessionNumbers? Numbers { get; init; }

    /// <summary>Whether the statements are done and what fails now is the commit.</summary>
    public bool IsCommitting { get; set; }

    /// <summary>What the latest attempt was, for those who count.</summary>
    public UnitRun Run { get; set; }

    /// <summary>Runs before the statements, at the same snapshot; false: nothing is to be done any more.</summary>
    public Func<OpenTransaction, Task<bool>>? Before { get; init; }

    /// <summary>Runs after the statements, in the same transaction.</summary>
    public Func<OpenTransaction, Task>? After { get; init; }
}
