using System;

namespace ShardSql.Planning.Partitioning;

/// <summary>
/// What an incremental partition may change. Each vertex stands for rows or segments that live in some part now:
/// their homes. Those away from home are counted, and each costs a price in edge weight; so a home is like an edge to
/// the part.
/// </summary>
internal sealed class MoveBudget
{
    private readonly int[] _living;

    private MoveBudget(int[] living, int parts, int count, long most, int price)
    {
        _living = living;
        Parts = parts;
        Most = most;
        Price = price;
        IsTight = most < count;
        Count = count;
    }

    /// <summary>Most that may be away from home.</summary>
    public long Most { get; }

    /// <summary>The edge weight that one must save to be worth its move.</summary>
    public int Price { get; }

    /// <summary>
    /// Whether the budget can run out: gains are then ranked by what one moved row or segment brings.
    /// </summary>
    public bool IsTight { get; }

    private int Parts { get; }

    private int Count { get; }

    /// <summary>The budget of a graph whose vertices each have one home.</summary>
    public static MoveBudget Of(int[] homes, int parts, long most, int price)
    {
        int[] living = new int[homes.Length * parts];
        for (int vertex = 0; vertex < homes.Length; vertex++)
        {
            living[(vertex * parts) + homes[vertex]] = 1;
        }

        return new MoveBudget(living, parts, homes.Length, most, price);
    }

    /// <summary>The same with no end to moves.</summary>
    public MoveBudget WithoutEnd() => new(_living, Parts, Count, Count, Price);

    /// <summary>The same at another price.</summary>
    public MoveBudget AtPrice(int price) => new(_living, Parts, Count, Most, price);

    /// <summary>How many of a vertex live in each part.</summary>
    public ReadOnlySpan<int> LivingOf(int vertex) => _living.AsSpan(vertex * Parts, Parts);

    /// <summary>The change of the number away from home when a vertex goes from one part to another.</summary>
    public int Change(int vertex, int from, int to) =>
        _living[(vertex * Parts) + from] - _living[(vertex * Parts) + to];

    /// <summary>The part where most of a vertex live.</summary>
    public int MainHome(int vertex)
    {
        ReadOnlySpan<int> living = LivingOf(vertex);
        int main = 0;
        for (int part = 1; part < living.Length; part++)
        {
            main = living[part] > living[main] ? part : main;
        }

        return main;
    }

    /// <summary>How many are away from home.</summary>
    public long Away(ReadOnlySpan<int> assignment)
    {
        long away = Count;
        for (int vertex = 0; vertex < assignment.Length; vertex++)
        {
            away -= _living[(vertex * Parts) + assignment[vertex]];
        }

        return away;
    }

    /// <summary>The budget of clusters.</summary>
    public MoveBudget Contract(int[] cluster, int count)
    {
        int[] sums = new int[count * Parts];
        for (int vertex = 0; vertex < cluster.Length; vertex++)
        {
            Span<int> sum = sums.AsSpan(cluster[vertex] * Parts, Parts);
            ReadOnlySpan<int> living = LivingOf(vertex);
            for (int part = 0; part < sum.Length; part++)
            {
                sum[part] += living[part];
            }
        }

        return new MoveBudget(sums, Parts, Count, Most, Price);
    }
}
