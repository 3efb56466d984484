using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Catalogs;

/// <summary>A sequence: which numbers it gives. Which of them it has given is its <see cref="SequenceState"/>.</summary>
public sealed record SequenceDescriptor
{
    /// <summary>Numbers that a gateway takes at once where CACHE is not said.</summary>
    public const long DefaultCache = 32;

    /// <summary>Never reused; from the same numbers as ids of tables.</summary>
    public required uint Id { get; init; }

    /// <summary>As it compares: folded unless it was quoted.</summary>
    public required string Name { get; init; }

    /// <summary>Rises with every RESTART: numbers of earlier generations that a gateway still holds are not given any more
    /// once it knows of it.</summary>
    public uint Generation { get; init; } = 1;

    /// <summary>smallint, integer or bigint.</summary>
    public SqlKind Type { get; init; } = SqlKind.Int64;

    /// <summary>The first number.</summary>
    public required long Start { get; init; }

    /// <summary>From one number to the next; never 0.</summary>
    public required long Increment { get; init; }

    /// <summary>The least number.</summary>
    public required long Minimum { get; init; }

    /// <summary>The greatest number.</summary>
    public required long Maximum { get; init; }

    /// <summary>Numbers that a gateway takes at once.</summary>
    public long Cache { get; init; } = DefaultCache;

    /// <summary>Whether it begins again at its other end when it has come to one.</summary>
    public bool Cycles { get; init; }

    /// <summary>The table whose column owns it; 0: none. It goes with that column.</summary>
    public uint OwnerTableId { get; init; }

    /// <summary>The id of that column.</summary>
    public uint OwnerColumnId { get; init; }

    /// <summary>The state before any number is given.</summary>
    public SequenceState Initial => new(Start, IsCalled: false);
}
