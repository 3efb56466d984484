using System.Collections.Generic;
using ShardSql.Primitives;

namespace ShardSql.Execution;

/// <summary>Hands out the rows of an access path one by one, and says what it needs to go on.</summary>
internal interface IRowCursor
{
    /// <summary>The keys that are asked for.</summary>
    IReadOnlyList<byte[]> NeededKeys { get; }

    /// <summary>The range that is asked for.</summary>
    KeyRange NeededRange { get; }

    /// <summary>The next row, where one is at hand.</summary>
    bool TryTake(out KeyValuePair<byte[], byte[]> row);

    /// <summary>Turns to the next slice: NeedKeys, NeedRange, Yielded (rows are at hand without asking) or Done.</summary>
    FragmentState Advance();

    /// <summary>The values of <see cref="NeededKeys"/>, null where a key is absent.</summary>
    void SupplyKeys(IReadOnlyList<byte[]?> values);

    /// <summary>Rows of <see cref="NeededRange"/> from its start on; without a last key the range must be exhausted.
    /// </summary>
    void SupplyRange(IReadOnlyList<KeyValuePair<byte[], byte[]>> rows, bool exhausted);
}
