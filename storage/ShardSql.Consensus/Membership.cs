using System;
using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Consensus;

/// <summary>Who votes on the slots from one on.</summary>
/// <param name="From">The first slot that it governs.</param>
/// <param name="Voters">Ascending, at least one, at most <see cref="Membership.VotersMax"/>.</param>
public sealed record Configuration(Slot From, IReadOnlyList<NodeId> Voters)
{
    /// <summary>Votes that make a majority.</summary>
    public int Majority => (Voters.Count / 2) + 1;

    /// <summary>Whether these are the voters.</summary>
    public bool IsOf(IReadOnlyCollection<NodeId> voters)
    {
        foreach (NodeId voter in voters)
        {
            if (!Contains(voter))
            {
                return false;
            }
        }

        return voters.Count == Voters.Count;
    }

    /// <summary>Whether a node votes.</summary>
    public bool Contains(NodeId node)
    {
        foreach (NodeId voter in Voters)
        {
            if (voter == node)
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>
/// Who votes on which slots: the founders, and what chosen configuration entries have made of them. An entry chosen in
/// slot n governs from n + α on (commit.md §5): nothing past n + α − 1 is proposed before n is known to be chosen, so
/// whoever proposes in a slot knows who votes on it. Immutable.
/// </summary>
public sealed class Membership
{
    /// <summary>Voters of one group at most.</summary>
    public const int VotersMax = 9;

    // What other values begin with is the format of their entries.
    private const byte EntryMark = 0xC0;

    private readonly Configuration[] _configurations;

    private Membership(Configuration[] configurations) => _configurations = configurations;

    /// <summary>The latest; it may not govern yet.</summary>
    public Configuration Latest => _configurations[^1];

    /// <summary>The membership of a new group.</summary>
    public static Membership FoundedBy(IReadOnlyList<NodeId> voters) => new([Of(new Slot(1), voters)]);

    /// <summary>The value that is proposed to change the voters.</summary>
    public static byte[] EntryOf(IReadOnlyList<NodeId> voters)
    {
        var writer = new ByteWriter();
        writer.WriteByte(EntryMark);
        writer.WriteNodes(voters);
        return writer.ToArray();
    }

    /// <summary>Whether a value changes the voters.</summary>
    public static bool IsEntry(ReadOnlySpan<byte> value) => value.Length > 0 && value[0] == EntryMark;

    /// <summary>Who governs a slot.</summary>
    public Configuration At(Slot slot) => _configurations[IndexAt(slot)];

    /// <summary>The last slot that is governed as a slot is, as far as is known.</summary>
    public Slot LastGovernedWith(Slot slot)
    {
        int next = IndexAt(slot) + 1;
        return next == _configurations.Length
            ? new Slot(ulong.MaxValue)
            : new Slot(_configurations[next].From.Value - 1);
    }

    /// <summary>Those that govern a slot or one behind it.</summary>
    public ReadOnlySpan<Configuration> Since(Slot slot) => _configurations.AsSpan(IndexAt(slot));

    /// <summary>This and what an entry says that was chosen; one that is known already changes nothing.</summary>
    public Membership With(Slot from, ReadOnlySpan<byte> entry)
    {
        if (from <= Latest.From)
        {
            return this;
        }

        var reader = new ByteReader(entry[1..]);
        IReadOnlyList<NodeId>? voters = ReadVoters(ref reader);
        Invariant.Check(voters is not null && reader.Remaining == 0, "A chosen configuration can be read.");
        return new Membership([.. _configurations, Of(from, voters)]);
    }

    /// <summary>This without what no slot from one on is governed by.</summary>
    public Membership Forget(Slot before)
    {
        int first = IndexAt(before);
        return first == 0 ? this : new Membership(_configurations[first..]);
    }

    /// <summary>Writes it.</summary>
    public void Write(ByteWriter writer)
    {
        writer.WriteVarint((ulong)_configurations.Length);
        foreach (Configuration configuration in _configurations)
        {
            writer.WriteVarint(configuration.From.Value);
            writer.WriteNodes(configuration.Voters);
        }
    }

    /// <summary>Reads one; null when the bytes are none.</summary>
    public static Membership? Read(ref ByteReader reader)
    {
        int count = reader.ReadCount(3);
        var read = new List<Configuration>(count);
        for (int i = 0; i < count; i++)
        {
            var from = new Slot(reader.ReadVarint());
            if (ReadVoters(ref reader) is not { } voters || (i > 0 && from <= read[i - 1].From))
            {
                return null;
            }

            read.Add(new Configuration(from, voters));
        }

        return count == 0 || reader.Failed ? null : new Membership([.. read]);
    }

    /// <summary>As text: "1: n1 n2 n3; 65: n1 n2 n3 n4".</summary>
    public override string ToString()
    {
        var parts = new List<string>();
        foreach (Configuration configuration in _configurations)
        {
            parts.Add($"{configuration.From.Value}: {string.Join(' ', configuration.Voters)}");
        }

        return string.Join("; ", parts);
    }

    private static List<NodeId>? ReadVoters(ref ByteReader reader)
    {
        List<NodeId> voters = reader.ReadNodes();
        for (int i = 1; i < voters.Count; i++)
        {
            if (voters[i].CompareTo(voters[i - 1]) <= 0)
            {
                return null;
            }
        }

        return reader.Failed || voters.Count is < 1 or > VotersMax ? null : voters;
    }

    private static Configuration Of(Slot from, IReadOnlyList<NodeId> voters)
    {
        Invariant.Check(voters.Count is >= 1 and <= VotersMax, "A group has one to nine voters.");
        List<NodeId> ascending = [.. voters];
        ascending.Sort();
        return new Configuration(from, ascending);
    }

    private int IndexAt(Slot slot)
    {
        int index = _configurations.Length - 1;
        while (index > 0 && _configurations[index].From > slot)
        {
            index--;
        }

        return index;
    }
}
