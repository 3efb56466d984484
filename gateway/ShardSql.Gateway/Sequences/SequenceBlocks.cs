using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Planning.Catalogs;

namespace ShardSql.Gateway.Sequences;

/// <summary>
/// The numbers that this gateway has taken of each sequence and not given yet. They are taken in transactions of their
/// own, so that no two gateways have the same, and what is lost in between is a gap. One block of a sequence is asked for
/// at a time, large enough for all who wait.
/// </summary>
internal sealed class SequenceBlocks(SequenceStore store) : ISequenceSource
{
    private readonly ConcurrentDictionary<uint, Held> _held = [];

    /// <inheritdoc />
    public bool TryTake(SequenceDescriptor sequence, out long number)
    {
        var taken = new List<long>(1);
        Of(sequence).Take(sequence.Generation, 1, taken);
        number = taken.Count == 0 ? 0 : taken[0];
        return taken.Count == 1;
    }

    /// <inheritdoc />
    public async Task<List<long>> TakeAsync(SequenceDescriptor sequence, int count, CancellationToken ended)
    {
        Held held = Of(sequence);
        var numbers = new List<long>(count);
        Interlocked.Add(ref held.Wanted, count);
        try
        {
            await held.Drawing.WaitAsync(ended);
            try
            {
                held.Take(sequence.Generation, count, numbers);
                while (numbers.Count < count)
                {
                    long size = Math.Max(sequence.Cache, Math.Max(Interlocked.Read(ref held.Wanted), count) - numbers.Count);
                    (SequenceBlock block, uint generation) = await store.DrawAsync(sequence, size, ended);
                    held.Put(generation, block);
                    held.Take(generation, count - numbers.Count, numbers);
                }
            }
            finally
            {
                held.Drawing.Release();
            }
        }
        finally
        {
            Interlocked.Add(ref held.Wanted, -count);
        }

        return numbers;
    }

    /// <summary>setval: what this gateway holds is given up. Others give what they hold to its end first.</summary>
    public async Task SetAsync(SequenceDescriptor sequence, SequenceState state, CancellationToken ended)
    {
        Held held = Of(sequence);
        await held.Drawing.WaitAsync(ended);
        try
        {
            await store.SetAsync(sequence, state, ended);
            held.Clear();
        }
        finally
        {
            held.Drawing.Release();
        }
    }

    /// <summary>Forgets the sequences that are not there any more.</summary>
    public void Keep(Catalog catalog)
    {
        var known = new HashSet<uint>();
        foreach (SequenceDescriptor sequence in catalog.Sequences)
        {
            known.Add(sequence.Id);
        }

        foreach (uint id in _held.Keys)
        {
            if (!known.Contains(id))
            {
                _held.TryRemove(id, out _);
            }
        }
    }

    private Held Of(SequenceDescriptor sequence) => _held.GetOrAdd(sequence.Id, static _ => new Held());

    /// <summary>What is held of one sequence.</summary>
    private sealed class Held
    {
        private readonly Lock _gate = new();
        private SequenceBlock _block;
        private uint _generation;

        /// <summary>Numbers that statements wait for.</summary>
        public long Wanted;

        /// <summary>Held by the one that asks for a block.</summary>
        public SemaphoreSlim Drawing { get; } = new(1);

        /// <summary>Takes up to so many numbers of a generation or a newer one.</summary>
        public void Take(uint generation, int count, List<long> into)
        {
            lock (_gate)
            {
                Advance(generation);
                long taken = Math.Min(count, _block.Count);
                for (long i = 0; i < taken; i++)
                {
                    into.Add(_block.NumberAt(i));
                }

                _block = taken > 0 ? _block.From(taken) : _block;
            }
        }

        /// <summary>A block has come; what was there is used up.</summary>
        public void Put(uint generation, SequenceBlock block)
        {
            lock (_gate)
            {
                Advance(generation);
                _block = block;
            }
        }

        /// <summary>Gives up what is there.</summary>
        public void Clear()
        {
            lock (_gate)
            {
                _block = default;
            }
        }

        /// <summary>Numbers from before a RESTART are not given after it.</summary>
        private void Advance(uint generation)
        {
            if (generation > _generation)
            {
                _generation = generation;
                _block = default;
            }
        }
    }
}
