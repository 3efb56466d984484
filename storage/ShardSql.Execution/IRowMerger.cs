using System.Collections.Generic;
using ShardSql.Sql.Values;

namespace ShardSql.Execution;

/// <summary>Makes one stream of rows of several sources.</summary>
internal interface IRowMerger
{
    /// <summary>The next row, or the sources that are needed for it. The row is good until the next call.</summary>
    MergeState TryTake(List<int> needed, out SqlValue[] row);
}
