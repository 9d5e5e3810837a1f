// Written by scripts/record-examples.
extension RecordedExamples {
    static let faceAuthentication = #"""
        {"auth_authentication_create 201":{"expires_at":"2026-03-02T08:15:00Z","frame_source":"upload","message":\#
        "Authentication session created. Stream frames to continue.","session_id":\#
        "5f0c2a1e-7b3d-4c6a-9e8f-000000000006","session_token":"<session_token>","session_type":"verification",\#
        "status":"active","websocket_url":"ws://127.0.0.1:8080/ws/auth/process-image/<session_token>/"},\#
        "auth_process_image_create 200":{"anti_spoofing_score":null,"attempted_frame":1,"can_complete_enrollment":\#
        false,"completed_samples":1,"enrollment_progress":33.3,"face":{"box":{"height":215.4,"width":151.5,"x":\#
        219.5,"y":78.4},"frame":{"height":360,"width":640},"landmarks":[{"x":255.0,"y":168.6},{"x":323.3,"y":\#
        166.7}],"score":0.9167},"frame_accepted":true,"frames_processed":1,"liveness_score":null,\#
        "liveness_verified":false,"message":"Frame processed. Continue streaming...","obstacles":[],\#
        "preview_image":null,"quality_measures":{"DynamicRange":{"native":6.6332,"score":82.9},"EyesOpen":\#
        {"native":0.3497,"score":100.0},"HeadPosePitch":{"native":-4.2221,"score":99.5},"HeadPoseRoll":{"native":\#
        -3.9661,"score":99.5},"HeadPoseYaw":{"native":1.2823,"score":99.9},"HeadSize":{"native":0.3506,"score":\#
        100.0},"IlluminationUniformity":{"native":0.4713,"score":68.6},"InterEyeDistance":{"native":68.2739,\#
        "score":98.8},"LeftwardCropOfTheFaceImage":{"native":0.0,"score":100.0},"MarginAboveOfTheFaceImage":\#
        {"native":0.0,"score":100.0},"MarginBelowOfTheFaceImage":{"native":0.0,"score":100.0},\#
        "OverExposurePrevention":{"native":0.0,"score":100.0},"RightwardCropOfTheFaceImage":{"native":0.0,"score":\#
        100.0},"Sharpness":{"native":0.1499,"score":100.0},"SingleFacePresent":{"native":1.0,"score":100.0},\#
        "UnderExposurePrevention":{"native":0.0187,"score":98.1},"UnifiedQualityScore":{"native":82.6799,"score":\#
        82.7}},"quality_score":0.8268,"reason":"frame.accepted","requires_more_frames":true,"session_feedback":\#
        "Frame processed. Continue streaming...","session_id":"5f0c2a1e-7b3d-4c6a-9e8f-000000000004",\#
        "session_status":"processing","success":true,"target_samples":3}}
        """#
}
