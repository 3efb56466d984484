using System;

namespace ShardSql.Planning.Relations;

/// <summary>A view that is being bound.</summary>
internal readonly struct ViewDepth(Action leave) : IDisposable
{
    /// <inheritdoc />
    public void Dispose() => leave();
}
