using System.Threading;

namespace ShardSql.Storage.Files;

/// <summary>So many syncs succeed; the next one and all after it fail, as on a disk that has broken.</summary>
internal sealed class SyncBudget(int syncs)
{
    private const int IoError = 5;

    private int _left = syncs;

    /// <summary>Takes one.</summary>
    /// <exception cref="SyncFailedException">There are none left.</exception>
    public void Spend(string path)
    {
        if (Interlocked.Decrement(ref _left) < 0)
        {
            throw SyncFailedException.ForError(path, IoError, "simulated");
        }
    }
}
