using System;
using ShardSql.Planning.Catalogs;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Spillover;

/// <summary>What is known of the rows of tables that spill over. Planning tells it what it sees of them.
/// </summary>
public interface IHotRows
{
    /// <summary>The same without counting, for a statement that is only explained.</summary>
    IHotRows Looking { get; }

    /// <summary>An UPDATE adds to a row; gives whether the row is to take deltas.</summary>
    /// <param name="table">The row's table.</param>
    /// <param name="rowKey">Its key at its shard.</param>
    bool Adds(uint table, ReadOnlySpan<byte> rowKey);

    /// <summary>A row is read by its key, deltas and all.</summary>
    /// <param name="table">The row's table.</param>
    /// <param name="rowKey">Its key at its shard.</param>
    /// <param name="key">The values of its key.</param>
    void Reads(TableDescriptor table, ReadOnlySpan<byte> rowKey, SqlValue[] key);
}
