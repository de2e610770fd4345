import { JitsiMeetExternalAPI } from './JitsiMeetExternalAPI';

// The page around has one script element and no modules: the class stands in the window, as Jitsi's does.
(window as unknown as { JitsiMeetExternalAPI: typeof JitsiMeetExternalAPI }).JitsiMeetExternalAPI =
  JitsiMeetExternalAPI;
