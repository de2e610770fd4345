using System.Runtime.InteropServices;

namespace JitsiMesh.MediaBridge.Sockets;

/// <summary>The C library calls of the Linux port. Layouts are those of 64-bit Linux.</summary>
internal static unsafe partial class Native
{
    public const int MsgDontWait = 0x40;
    public const int MsgTrunc = 0x20;
    public const int MsgNoSignal = 0x4000;
    public const int SolUdp = 17;
    public const int UdpSegment = 103;
    public const int SolSocket = 1;

    /// <summary>SO_TIMESTAMPNS, and the type of its control message.</summary>
    public const int TimestampNanoseconds = 35;

    public const short PollIn = 1;
    public const int Eagain = 11;
    public const int Eintr = 4;
    public const int Eio = 5;
    public const int Einval = 22;
    public const int Emsgsize = 90;
    public const int EfdNonBlock = 0x800;
    public const int EfdCloExec = 0x80000;

    [LibraryImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    public static partial int ReceiveMany(int fd, MMsgHdr* messages, uint count, int flags, void* timeout);

    [LibraryImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    public static partial int SendMany(int fd, MMsgHdr* messages, uint count, int flags);

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    public static partial int GetOption(int fd, int level, int name, void* value, uint* length);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollFd* fds, nuint count, int timeoutMilliseconds);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventFd(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int fd, void* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int fd, void* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int fd);

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    public static partial int GetTime(int clock, TimeSpec* time);

    [StructLayout(LayoutKind.Sequential)]
    public struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct IoVec
    {
        public void* Base;
        public nuint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct MsgHdr
    {
        public void* Name;
        public uint NameLength;
        public IoVec* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct MMsgHdr
    {
        public MsgHdr Header;
        public uint Length;
    }

    /// <summary>A control message with the time (CLOCK_REALTIME) at which the kernel received a datagram.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TimestampMessage
    {
        public nuint Length;
        public int Level;
        public int Type;
        public long Seconds;
        public long Nanoseconds;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct PollFd
    {
        public int Fd;
        public short Events;
        public short Returned;
    }
}
