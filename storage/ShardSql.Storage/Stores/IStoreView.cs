using System;
using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Storage.Stores;

/// <summary>A store as it was at one moment, read synchronously by one thread at a time.</summary>
public interface IStoreView : IDisposable
{
    /// <summary>The rows of a range in key order, at most <paramref name="limit"/>.</summary>
    IReadOnlyList<StoreRow> Scan(KeyRange range, int limit);
}
