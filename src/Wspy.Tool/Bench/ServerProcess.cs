using System.ComponentModel;
using System.Diagnostics;
using Wspy.Tool.Bench.Load;

namespace Wspy.Tool.Bench;

/// <summary>The process of a server on this machine, as the system accounts for it.</summary>
internal sealed class ServerProcess : IDisposable
{
    private readonly Process _process;
    private readonly int _id;

    /// <exception cref="LoadException">There is no such process, or none that may be looked at.</exception>
    public ServerProcess(int id)
    {
        _id = id;
        try
        {
            _process = Process.GetProcessById(id);
        }
        catch (ArgumentException error)
        {
            throw new LoadException($"There is no process {id}.", error);
        }

        _ = Read();
    }

    /// <summary>CPU time of all its threads until now, that in user mode apart, and resident memory in bytes.</summary>
    public (TimeSpan Total, TimeSpan User, long Memory) Read()
    {
        try
        {
            _process.Refresh();
            return (_process.TotalProcessorTime, _process.UserProcessorTime, _process.WorkingSet64);
        }
        catch (Exception error) when (error is InvalidOperationException or Win32Exception)
        {
            throw new LoadException($"Process {_id} cannot be looked at: {error.Message}", error);
        }
    }

    public void Dispose() => _process.Dispose();
}
