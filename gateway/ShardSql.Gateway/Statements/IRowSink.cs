using System;
using System.Collections.Generic;
using System.Threading.Tasks;

using ShardSql.Planning.Plans;

namespace ShardSql.Gateway.Statements;

/// <summary>Where the results of statements go: to a client's stream, or into the reply of a submitted
/// transaction.</summary>
internal interface IRowSink
{
    /// <summary>Whether anything has left since <see cref="BeginUnit"/>: then what runs can no longer be started again
    /// unseen.</summary>
    bool HasSent { get; }

    /// <summary>Begins what is started again as a whole: a statement, or several that are one transaction.</summary>
    void BeginUnit();

    /// <summary>Begins the result of the next statement.</summary>
    void Begin(IReadOnlyList<ResultColumn> columns);

    /// <summary>Rows in RowCodec, one after another; the memory is the caller's again afterwards.</summary>
    ValueTask RowsAsync(ReadOnlyMemory<byte> rows, int count);

    /// <summary>Ends the result.</summary>
    ValueTask EndAsync(long rowsAffected, string tag, string? notice);

    /// <summary>Keeps what follows until <see cref="ReleaseAsync"/>, as far as there is room.</summary>
    void Hold();

    /// <summary>Lets go of what was kept.</summary>
    ValueTask ReleaseAsync();

    /// <summary>Forgets what was kept and the result that was begun.</summary>
    void Discard();
}
