using System;
using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Storage.Files;

/// <summary>The content of a simulated file: what a reader sees, what is durable, and for each page written since the
/// last sync the versions that the disk may hold.</summary>
internal sealed class SimulatedNode
{
    private const int SectorBytes = 512;
    private const int VersionsMax = 8;

    private readonly PagedContent _seen = new();
    private readonly PagedContent _durable = new();
    private readonly SortedDictionary<long, List<byte[]>> _pending = [];
    private long _durableLength;

    public SimulatedNode(int id) => Id = id;

    /// <summary>Orders nodes, so that a crash draws in the same order each time.</summary>
    public int Id { get; }

    /// <summary>Length as a reader sees it.</summary>
    public long Length { get; private set; }

    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        foreach ((long page, int inside, int start, int count) in PagedContent.Split(offset, bytes.Length))
        {
            byte[] next = PagedContent.With(_seen.Find(page), inside, bytes.Slice(start, count));
            _seen.Pages[page] = next;
            if (!_pending.TryGetValue(page, out List<byte[]>? versions))
            {
                _pending[page] = versions = [];
            }

            if (versions.Count == VersionsMax)
            {
                versions.RemoveAt(0);
            }

            versions.Add(next);
        }

        Length = Math.Max(Length, offset + bytes.Length);
    }

    public int Read(long offset, Span<byte> buffer)
    {
        int total = (int)Math.Clamp(Length - offset, 0, buffer.Length);
        foreach ((long page, int inside, int start, int count) in PagedContent.Split(offset, total))
        {
            Span<byte> target = buffer.Slice(start, count);
            if (_seen.Find(page) is { } content)
            {
                content.AsSpan(inside, count).CopyTo(target);
            }
            else
            {
                target.Clear();
            }
        }

        return total;
    }

    public void Preallocate(long length) => Length = Math.Max(Length, length);

    public void Sync()
    {
        foreach ((long page, List<byte[]> versions) in _pending)
        {
            _durable.Pages[page] = versions[^1];
        }

        _pending.Clear();
        _durableLength = Length;
    }

    /// <summary>The disk took some of it; the cache says that all is clean.</summary>
    public void FailSync(Prng prng) => SettlePending(prng);

    public void Crash(Prng prng)
    {
        SettlePending(prng);
        Length = _durableLength;
        _seen.Pages.Clear();
        foreach ((long page, byte[] content) in _durable.Pages)
        {
            _seen.Pages[page] = content;
        }
    }

    public void FlipBit(long offset, int bit)
    {
        (long page, int inside) = ((offset / PagedContent.PageBytes), (int)(offset % PagedContent.PageBytes));
        byte flipped = (byte)((_seen.Find(page)?[inside] ?? 0) ^ (1 << bit));
        _seen.Pages[page] = PagedContent.With(_seen.Find(page), inside, [flipped]);
        _durable.Pages[page] = PagedContent.With(_durable.Find(page), inside, [flipped]);
    }

    private void SettlePending(Prng prng)
    {
        foreach ((long page, List<byte[]> versions) in _pending)
        {
            switch (prng.Next(3))
            {
                case 0:
                    break;
                case 1:
                    _durable.Pages[page] = versions[prng.Next(versions.Count)];
                    break;
                default:
                    _durable.Pages[page] = Tear(_durable.Find(page), versions, prng);
                    break;
            }
        }

        _pending.Clear();
        if (prng.Chance(500_000))
        {
            _durableLength = Length;
        }

        // A page behind the durable end is not part of the file; were it to grow again, it would read as zeros.
        var behind = new List<long>();
        foreach (long page in _durable.Pages.Keys)
        {
            if (page * PagedContent.PageBytes >= _durableLength)
            {
                behind.Add(page);
            }
        }

        behind.ForEach(page => _durable.Pages.Remove(page));
    }

    private static byte[] Tear(byte[]? before, List<byte[]> versions, Prng prng)
    {
        byte[] torn = PagedContent.With(before, 0, []);
        for (int sector = 0; sector < PagedContent.PageBytes; sector += SectorBytes)
        {
            int pick = prng.Next(versions.Count + 1);
            if (pick < versions.Count)
            {
                versions[pick].AsSpan(sector, SectorBytes).CopyTo(torn.AsSpan(sector));
            }
        }

        return torn;
    }
}
