using System;
using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Storage.Stores;
using ShardSql.Transactions;

namespace ShardSql.Storage.Nodes;

/// <content>Snapshots on their way: out to a follower, and in from a leader.</content>
public sealed partial class ShardReplica
{
    /// <summary>A snapshot on its way to a follower. Its view is closed when nothing reads it any more.</summary>
    private sealed class SnapshotTransfer(ulong id)
    {
        private INodeStoreView? _view;
        private bool _isReading;
        private bool _hasEnded;

        public ulong Id { get; } = id;

        public ulong Part { get; set; }

        public bool InRows { get; set; }

        public bool IsSent { get; set; }

        public long TouchedMs { get; set; }

        public StoreMeta Meta { get; set; }

        public KeyRange Rest { get; set; }

        /// <summary>The view is there: reads its first row, unless the transfer has ended meanwhile.</summary>
        public void Open(INodeStoreView view, KeyRange first, Action<IReadOnlyList<StoreRow>> then)
        {
            _view = view;
            if (_hasEnded)
            {
                view.Close();
            }
            else
            {
                Read(first, 1, then);
            }
        }

        /// <summary>Reads rows; nothing comes of it when the transfer ends meanwhile.</summary>
        public void Read(KeyRange range, int limit, Action<IReadOnlyList<StoreRow>> then)
        {
            _isReading = true;
            _view!.Scan(range, limit, rows =>
            {
                _isReading = false;
                if (_hasEnded)
                {
                    _view.Close();
                }
                else
                {
                    then(rows);
                }
            });
        }

        public void End()
        {
            _hasEnded = true;
            if (!_isReading)
            {
                _view?.Close();
            }
        }
    }

    /// <summary>A snapshot on its way in.</summary>
    private sealed class SnapshotInstall(NodeId from, ulong id, Slot slot, uint generation)
    {
        public NodeId From { get; } = from;

        public ulong Id { get; } = id;

        public Slot Slot { get; } = slot;

        public uint Generation { get; } = generation;

        public ulong NextPart { get; set; }

        public int StateChunks { get; set; }

        public ByteWriter State { get; } = new(64 * 1024);

        public ShardState? Read { get; set; }
    }
}
