namespace ShardSql.Planning.Partitioning;

/// <summary>
/// What an incremental partition may change: each vertex has the part where it lives now and the number of rows or
/// segments that it stands for; those away from home are counted and each costs a price in edge weight.
/// </summary>
internal sealed class MoveBudget(int[] homes, int[] counts, long most, long price)
{
    public int[] Homes => homes;

    public int[] Counts => counts;

    /// <summary>Most that may be away from home.</summary>
    public long Most => most;

    /// <summary>The edge weight that one must save to be worth its move.</summary>
    public long Price => price;

    /// <summary>The change of the number away from home when a vertex goes from one part to another.</summary>
    public int Change(int vertex, int from, int to) =>
        from == homes[vertex] ? counts[vertex] : to == homes[vertex] ? -counts[vertex] : 0;
}
