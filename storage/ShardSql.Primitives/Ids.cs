using System;
using System.Globalization;

namespace ShardSql.Primitives;

/// <summary>A storage node. 0 is nobody.</summary>
public readonly record struct NodeId(uint Value) : IComparable<NodeId>
{
    /// <summary>From "n2" or "2"; null for anything else.</summary>
    public static NodeId? TryParse(string text) =>
        IdText.TryParse(text, 'n', out uint value) ? new NodeId(value) : null;

    /// <inheritdoc />
    public int CompareTo(NodeId other) => Value.CompareTo(other.Value);

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"n{Value}");
}

/// <summary>A shard: one Paxos group. 0 is the system shard.</summary>
public readonly record struct ShardId(uint Value) : IComparable<ShardId>
{
    /// <summary>The system shard: catalog, shard map, nodes, settings.</summary>
    public static ShardId System => default;

    /// <summary>From "s2" or "2"; null for anything else.</summary>
    public static ShardId? TryParse(string text) =>
        IdText.TryParse(text, 's', out uint value) ? new ShardId(value) : null;

    /// <inheritdoc />
    public int CompareTo(ShardId other) => Value.CompareTo(other.Value);

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"s{Value}");
}

/// <summary>A place in a shard's log. The first entry is at 1; 0 is before all.</summary>
public readonly record struct Slot(ulong Value) : IComparable<Slot>
{
    /// <summary>The slot after this one.</summary>
    public Slot Next => new(Value + 1);

    /// <inheritdoc />
    public int CompareTo(Slot other) => Value.CompareTo(other.Value);

    /// <summary>The later of two.</summary>
    public static Slot Max(Slot left, Slot right) => left.Value > right.Value ? left : right;

    /// <summary>Order of slots.</summary>
    public static bool operator <(Slot left, Slot right) => left.Value < right.Value;

    /// <summary>Order of slots.</summary>
    public static bool operator >(Slot left, Slot right) => left.Value > right.Value;

    /// <summary>Order of slots.</summary>
    public static bool operator <=(Slot left, Slot right) => left.Value <= right.Value;

    /// <summary>Order of slots.</summary>
    public static bool operator >=(Slot left, Slot right) => left.Value >= right.Value;

    /// <inheritdoc />
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A Paxos ballot: round first, then the node that owns it, so that no two nodes share one.</summary>
public readonly record struct Ballot(ulong Round, NodeId Node) : IComparable<Ballot>
{
    /// <summary>Below every ballot in use.</summary>
    public static Ballot Zero => default;

    /// <inheritdoc />
    public int CompareTo(Ballot other)
    {
        int byRound = Round.CompareTo(other.Round);
        return byRound != 0 ? byRound : Node.CompareTo(other.Node);
    }

    /// <summary>Order of ballots.</summary>
    public static bool operator <(Ballot left, Ballot right) => left.CompareTo(right) < 0;

    /// <summary>Order of ballots.</summary>
    public static bool operator >(Ballot left, Ballot right) => left.CompareTo(right) > 0;

    /// <summary>Order of ballots.</summary>
    public static bool operator <=(Ballot left, Ballot right) => left.CompareTo(right) <= 0;

    /// <summary>Order of ballots.</summary>
    public static bool operator >=(Ballot left, Ballot right) => left.CompareTo(right) >= 0;

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Round}.{Node.Value}");
}

/// <summary>
/// A transaction: the client's session, its sequence there, and the attempt of the server under it. The client mints
/// session and sequence, so that a lost reply can be asked about; each new attempt of the server is another id.
/// </summary>
public readonly record struct TxnId(UInt128 Session, ulong Sequence, uint Attempt) : IComparable<TxnId>
{
    private const int SessionDigits = 32;

    /// <inheritdoc />
    public int CompareTo(TxnId other)
    {
        int bySession = Session.CompareTo(other.Session);
        if (bySession != 0)
        {
            return bySession;
        }

        int bySequence = Sequence.CompareTo(other.Sequence);
        return bySequence != 0 ? bySequence : Attempt.CompareTo(other.Attempt);
    }

    /// <summary>Order of ids, for ordered collections; it says nothing about time.</summary>
    public static bool operator <(TxnId left, TxnId right) => left.CompareTo(right) < 0;

    /// <summary>Order of ids.</summary>
    public static bool operator >(TxnId left, TxnId right) => left.CompareTo(right) > 0;

    /// <summary>Order of ids.</summary>
    public static bool operator <=(TxnId left, TxnId right) => left.CompareTo(right) <= 0;

    /// <summary>Order of ids.</summary>
    public static bool operator >=(TxnId left, TxnId right) => left.CompareTo(right) >= 0;

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out TxnId id)
    {
        id = default;
        int dash = text.IndexOf('-');
        int dot = text.IndexOf('.');
        if (dash != SessionDigits || dot < dash
            || !UInt128.TryParse(text[..dash], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out UInt128 session)
            || !ulong.TryParse(text[(dash + 1)..dot], NumberStyles.None, CultureInfo.InvariantCulture, out ulong sequence)
            || !uint.TryParse(text[(dot + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out uint attempt))
        {
            return false;
        }

        id = new TxnId(session, sequence, attempt);
        return true;
    }

    /// <inheritdoc />
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Session:x32}-{Sequence}.{Attempt}");
}
