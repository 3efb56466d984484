using System;
using System.Collections.Generic;
using System.Linq;

using ShardSql.Primitives;

namespace ShardSql.Transactions;

/// <summary>
/// Registers in the order they were written, in blocks of a fixed size. Hundreds of thousands are kept, and all but the
/// youngest hardly ever change: whoever stores them writes again only the blocks that did, and a block of nothing but
/// settled ones is kept as the bytes that are stored of it, one object instead of thousands.
/// </summary>
public sealed class RegisterBlocks
{
    /// <summary>Registers in a block.</summary>
    public const int BlockLength = 512;

    private readonly SortedDictionary<ulong, Block> _blocks = [];
    private readonly SortedSet<ulong> _changed = [];
    private readonly ByteWriter _packing = new();
    private ulong _first;
    private ulong _next;

    /// <summary>How many there are.</summary>
    public int Count => (int)(_next - _first);

    /// <summary>The oldest; there must be one.</summary>
    public Register Oldest => this[_first];

    /// <summary>The register of a number; it must be here.</summary>
    public Register this[ulong number] => _blocks[number / BlockLength].At(number);

    /// <summary>Those that are not settled.</summary>
    public IEnumerable<Register> Unsettled
    {
        get
        {
            foreach (Block block in _blocks.Values)
            {
                foreach (Register register in block.Unsettled)
                {
                    yield return register;
                }
            }
        }
    }

    /// <summary>Adds the youngest.</summary>
    public void Add(Register register)
    {
        register.Number = _next++;
        ulong number = register.Number / BlockLength;
        if (!_blocks.TryGetValue(number, out Block? block))
        {
            _blocks[number] = block = new Block();
        }

        block.Add(register, _packing);
        _changed.Add(number);
    }

    /// <summary>One of them is not what it was.</summary>
    public void Changed(Register register)
    {
        ulong number = register.Number / BlockLength;
        if (register.IsSettled)
        {
            _blocks[number].Settled(_packing);
        }

        _changed.Add(number);
    }

    /// <summary>Takes the oldest away.</summary>
    public void RemoveOldest()
    {
        ulong number = _first / BlockLength;
        _blocks[number].Remove(_first);
        _first++;
        if (_first / BlockLength != number)
        {
            _blocks.Remove(number);
            _changed.Add(number);
        }
    }

    /// <summary>Writes where the first and the last are; the blocks are written beside it.</summary>
    public void WriteBounds(ByteWriter writer)
    {
        writer.WriteVarint(_first);
        writer.WriteVarint(_next);
    }

    /// <summary>Writes all blocks.</summary>
    public void WriteBlocks(ByteWriter writer)
    {
        foreach (ulong block in _blocks.Keys)
        {
            WriteBlock(block, writer);
        }
    }

    /// <summary>Numbers of the blocks that have changed since this was last asked, ascending, with those that are no
    /// more.</summary>
    public IReadOnlyList<ulong> TakeChanged()
    {
        ulong[] changed = [.. _changed];
        _changed.Clear();
        return changed;
    }

    /// <summary>Writes a block.</summary>
    /// <returns>Whether there is such a block.</returns>
    public bool WriteBlock(ulong block, ByteWriter writer)
    {
        if (!_blocks.TryGetValue(block, out Block? registers))
        {
            return false;
        }

        ulong from = ulong.Max(block * BlockLength, _first);
        ulong to = ulong.Min((block + 1) * BlockLength, _next);
        writer.WriteVarint(from);
        writer.WriteVarint(to - from);
        registers.Write(from, to, writer);
        return true;
    }

    /// <summary>Reads where the first and the last are; nothing may be here yet.</summary>
    /// <returns>How many blocks have to hold.</returns>
    public ulong ReadBounds(ref ByteReader reader)
    {
        Invariant.Check(_next == 0, "Registers are numbered from their first on.");
        _first = reader.ReadVarint();
        _next = _first;
        ulong next = reader.ReadVarint();
        if (next < _first)
        {
            reader.Fail();
            return 0;
        }

        return next - _first;
    }

    /// <summary>Reads the next block. It may hold registers that were forgotten after it was written. What was read counts as
    /// stored.</summary>
    /// <param name="reader">At the block.</param>
    /// <param name="added">Is told each register that is kept.</param>
    public void ReadBlock(ref ByteReader reader, Action<Register> added)
    {
        ulong number = reader.ReadVarint();
        for (int i = reader.ReadCount(40); i > 0 && !reader.Failed; i--, number++)
        {
            Register register = Register.Read(ref reader);
            if (number > _next)
            {
                reader.Fail();
            }
            else if (number == _next && !reader.Failed)
            {
                Add(register);
                added(register);
            }
        }

        _changed.Clear();
    }

    /// <summary>Registers beside each other; either as they are, or as bytes.</summary>
    private sealed class Block
    {
        private Register?[]? _registers = new Register?[BlockLength];
        private byte[] _bytes = [];
        private int[] _starts = [];
        private int _settled;

        public IEnumerable<Register> Unsettled => (_registers ?? []).OfType<Register>().Where(register => !register.IsSettled);

        public void Add(Register register, ByteWriter packing)
        {
            _registers![IndexOf(register.Number)] = register;
            if (register.IsSettled)
            {
                Settled(packing);
            }
        }

        /// <summary>One more will not change any more. When none will, bytes are kept from now on.</summary>
        public void Settled(ByteWriter packing)
        {
            _settled++;
            if (_settled == BlockLength)
            {
                Pack(packing);
            }
        }

        public Register At(ulong number)
        {
            int index = IndexOf(number);
            if (_registers is not null)
            {
                return _registers[index]!;
            }

            var reader = new ByteReader(_bytes.AsSpan(_starts[index].._starts[index + 1]));
            var register = Register.Read(ref reader);
            register.Number = number;
            return register;
        }

        public void Remove(ulong number) => _registers?[IndexOf(number)] = null;

        public void Write(ulong from, ulong to, ByteWriter writer)
        {
            if (_registers is null)
            {
                writer.WriteRaw(_bytes.AsSpan(_starts[IndexOf(from)]..));
                return;
            }

            for (ulong number = from; number < to; number++)
            {
                _registers[IndexOf(number)]!.Write(writer);
            }
        }

        private void Pack(ByteWriter writer)
        {
            writer.Clear();
            _starts = new int[BlockLength + 1];
            for (int i = 0; i < BlockLength; i++)
            {
                _registers![i]?.Write(writer);
                _starts[i + 1] = writer.Length;
            }

            _bytes = writer.WrittenSpan.ToArray();
            _registers = null;
        }

        private static int IndexOf(ulong number) => (int)(number % BlockLength);
    }
}
